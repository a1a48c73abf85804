import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { TOLERATES_SECOND_NODE } from "../harness/secondNode.ts";
import { far, near } from "../harness/vault.ts";
import { deployment, server, service } from "../harness/workload.ts";
import { deploy } from "../kube/deploy.ts";

/**
 * A node port and a host port of the first node: translated there before policies apply, and nowhere else. Cilium applies
 * the policies of a source before its node translates anything, so they see the node from both sides.
 */
const OWN_NODE =
  cluster.engine === "cilium"
    ? { is: "closed", verdict: "Passed", reason: "AsExpected" }
    : { is: "open", verdict: "Failed", reason: "Open" };

/**
 * Who proves the ports alive: a pod on each node, so that no proof depends on how the clocks of two nodes compare. On Cilium,
 * a host port's pod replies to a pod of its own node directly, past the node that would have to translate the reply back.
 */
const guestsOf = ({ node, host }: Record<"node" | "host", number>) => [
  { guest: "guest-near", ports: cluster.engine === "cilium" ? [node] : [node, host] },
  { guest: "guest-far", ports: [node, host] },
];

const HOST_PORT = 18_443;
const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
/** To pods of the namespace and to the DNS alone, and so to no node. */
const toPods = {
  to: [
    { podSelector: {} },
    { namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
  ],
};

let test: ConnectivityTest;

function exposed(namespace: string): string[] {
  const base = deployment({ namespace, name: "host-port", node: near });
  const { spec } = base.spec.template;
  const containers = spec.containers.map((one) => ({
    ...one,
    ports: [{ name: "http", containerPort: 8080, hostPort: HOST_PORT }],
  }));
  const template = { ...base.spec.template, spec: { ...spec, containers } };
  const nodePort = service({ namespace, name: "node-port" });
  return [
    { ...base, spec: { ...base.spec, template } },
    { ...nodePort, spec: { ...nodePort.spec, type: "NodePort", selector: { app: "web" } } },
  ].map((object) => JSON.stringify(object));
}

const jsonpath = async (object: readonly string[], path: string) =>
  (await kubectl(["get", ...object, `--output=jsonpath={${path}}`])).trim();

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("node-port", { podSecurity: "privileged" });
  const spread = {
    tolerations: TOLERATES_SECOND_NODE,
    topologySpreadConstraints: [
      {
        topologyKey: "kubernetes.io/hostname",
        maxSkew: 1,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "both" } },
      },
    ],
  };
  await deploy(
    kubectl,
    [
      server({ namespace: here, name: "web", node: far }),
      server({ namespace: here, name: "beside", node: near }),
      server({ namespace: here, name: "guest-near", node: near }),
      server({ namespace: here, name: "guest-far", node: far }),
      server({ namespace: here, name: "apart", node: far }),
      server({ namespace: here, name: "both", replicas: 2, pod: spread }),
      ...exposed(here),
      networkPolicy(
        { namespace: here, name: "to-pods" },
        {
          podSelector: {
            matchExpressions: [{ key: "app", operator: "In", values: ["beside", "apart", "both"] }],
          },
          policyTypes: ["Egress"],
          egress: [toPods],
        },
      ),
    ].join("\n---\n"),
  );
  const port = Number(
    await jsonpath(["service", "node-port", `--namespace=${here}`], ".spec.ports[0].nodePort"),
  );
  const ip = await jsonpath(["node", near], '.status.addresses[?(@.type=="InternalIP")].address');
  const address = ip.split(" ").find((one) => one.includes(".")) ?? "";
  const alive = ["beside", "apart", "both"].map((app) => ({
    name: `${app}-reaches-web`,
    from: pods(app),
    to: pods("web"),
    tcp: { port: 8080 },
    expect: "Allowed",
  }));
  const each = ["beside", "apart", "both"].flatMap((app) => [
    { name: `${app}-node-port`, from: pods(app), to: { node: near }, tcp: { port }, expect: "Denied" },
    { name: `${app}-address`, from: pods(app), to: { ip: address }, tcp: { port }, expect: "Denied" },
    {
      name: `${app}-host-port`,
      from: pods(app),
      to: { node: near },
      tcp: { port: HOST_PORT },
      expect: "Denied",
    },
  ]);
  const guests = guestsOf({ node: port, host: HOST_PORT }).flatMap(({ guest, ports }) =>
    ports.map((number) => ({
      name: `${guest}-${number}`,
      from: pods(guest),
      to: { node: near },
      tcp: { port: number },
      expect: "Allowed",
    })),
  );
  test = await runTest(
    { namespace: here },
    {
      ipFamilies: ["IPv4"],
      probing: { rounds: 10, maxRounds: 25, interval: "1500ms" },
      expectations: [...alive, ...guests, ...each],
    },
  );
  return remove;
});

function reported(name: string) {
  const found = test.status.expectations?.find((one) => one.name === name);
  return {
    verdict: found?.verdict,
    reason: found?.reason,
    message: found?.message ?? "",
    from: (found?.paths ?? []).map(({ node, verdict }) => `${node} ${verdict}`).toSorted(),
  };
}

const PORTS = ["node-port", "address", "host-port"];

it("each source that may reach a target reaches it", () => {
  const allowed = test.status.expectations?.filter(({ expected }) => expected === "Allowed");
  expect(allowed?.filter(({ verdict }) => verdict !== "Passed")).toEqual([]);
});

describe.each(PORTS)("%s", (port) => {
  it(`is ${OWN_NODE.is} to a source on that node, whose policy permits what is behind it and no node`, () => {
    const { message, ...rest } = reported(`beside-${port}`);
    const { verdict, reason } = OWN_NODE;
    expect(rest).toEqual({ verdict, reason, from: [`${near} ${verdict}`] });
    expect(message).toContain(`tried from ${near} itself, where policies may see what is behind it`);
  });

  it("is closed to a source on another node, whose policy permits no node", () => {
    const { message, ...rest } = reported(`apart-${port}`);
    expect(rest).toEqual({ verdict: "Passed", reason: "AsExpected", from: [`${far} Passed`] });
    expect(message).toContain(`tried from ${far}, where policies see the node's address`);
  });

  it("is tried from both nodes for a source on both", () => {
    const { message, ...rest } = reported(`both-${port}`);
    const { verdict, reason } = OWN_NODE;
    expect(rest).toEqual({ verdict, reason, from: [`${near} ${verdict}`, `${far} Passed`] });
    expect(message).toContain(`tried from ${near} itself`);
    expect(message).toContain(`from ${far}, where`);
  });
});
