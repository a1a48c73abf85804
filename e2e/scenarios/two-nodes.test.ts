import { beforeAll, describe, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { TOLERATES_SECOND_NODE } from "../harness/secondNode.ts";
import { far, near } from "../harness/vault.ts";
import { server } from "../harness/workload.ts";

const KUBELET = 10_250;
const ON_HOST = 18_080;
const hostServer = `require("http").createServer((_, response) => response.end("ok")).listen(${ON_HOST}, "::")`;

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const http = { http: { port: 8080 } };
const kubelet = { tcp: { port: KUBELET } };

interface Asked {
  readonly from: string;
  readonly to: object;
  readonly [tool: string]: unknown;
}

/** `client` may call `web-near` and `web-far` and nothing else; `guest` may call everything. Both run on the first node. */
const expectations: Readonly<Record<string, Asked>> = {
  "near-allowed": { from: "client", to: pods("web-near"), ...http },
  "near-denied": { from: "client", to: pods("vault-near"), ...http },
  "far-allowed": { from: "client", to: pods("web-far"), ...http },
  "far-denied": { from: "client", to: pods("vault-far"), ...http },
  "far-node-allowed": { from: "guest", to: { node: far }, ...kubelet },
  "far-node-denied": { from: "client", to: { node: far }, ...kubelet },
  "own-node-allowed": { from: "guest", to: { node: near }, ...kubelet },
  "own-node-denied": { from: "client", to: { node: near }, ...kubelet },
  "host-pod-allowed": { from: "guest", to: pods("agent"), tcp: { port: ON_HOST } },
  "host-pod-denied": { from: "client", to: pods("agent"), tcp: { port: ON_HOST } },
  "everywhere-allowed": { from: "everywhere", to: pods("web-near"), ...http },
};

/** Nothing else goes from node to node here, so that witnesses must. */
const unaccompanied: Readonly<Record<string, Asked>> = {
  "beside-allowed": { from: "client", to: pods("web-near"), ...http },
  "lonely-denied": { from: "client", to: pods("vault-far"), ...http },
  "local-denied": { from: "client", to: { service: { name: "local" } }, tcp: { port: 80 } },
  "local-allowed": { from: "web-far", to: { service: { name: "local" } }, tcp: { port: 80 } },
};

let test: ConnectivityTest;
let lonely: ConnectivityTest;

const specOf = (asked: Readonly<Record<string, Asked>>) => ({
  ipFamilies: ["IPv4"],
  // A node has no witness. So the pod that may reach it goes on until the others are denied, also if they start some seconds later.
  probing: { rounds: 10, maxRounds: 25, interval: "1500ms" },
  expectations: Object.entries(asked).map(([name, { from, ...rest }]) => ({
    name,
    from: pods(from),
    expect: name.endsWith("denied") ? "Denied" : "Allowed",
    ...rest,
  })),
});

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("two-nodes", { podSecurity: "privileged" });
  const on = (name: string, node: string, more: object = {}) =>
    server({ namespace: here, name, node, ...more });
  const apart = { tolerations: TOLERATES_SECOND_NODE, ...spreadOut("everywhere") };
  await deploy(
    kubectl,
    [
      ...["client", "guest", "web-near", "vault-near"].map((name) => on(name, near)),
      ...["web-far", "vault-far", "local"].map((name) => on(name, far)),
      on("agent", near, { hostNetwork: true, readinessProbe: false, script: hostServer }),
      server({ namespace: here, name: "everywhere", replicas: 2, pod: apart }),
      networkPolicy({ namespace: here, name: "client" }, onlyTo(["web-near", "web-far"])),
    ].join("\n---\n"),
  );
  const local = JSON.stringify({ spec: { internalTrafficPolicy: "Local" } });
  await kubectl(["patch", "service", "local", `--namespace=${here}`, `--patch=${local}`]);
  [test, lonely] = await Promise.all([
    runTest({ namespace: here }, specOf(expectations)),
    runTest({ namespace: here, name: "lonely" }, specOf(unaccompanied)),
  ]);
  return remove;
});

const onlyTo = (apps: readonly string[]) => ({
  ...pods("client"),
  policyTypes: ["Egress"],
  egress: [{ to: apps.map(pods) }],
});

/** One of its two pods on each node. By anti-affinity its twin would find no node. */
function spreadOut(app: string) {
  const topologyKey = "kubernetes.io/hostname";
  const rule = {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { app } },
  };
  return { topologySpreadConstraints: [rule] };
}

function reported(name: string, { status } = test) {
  const found = status.expectations?.find((one) => one.name === name);
  const [path] = found?.paths ?? [];
  return { verdict: found?.verdict, message: found?.message ?? "", from: path?.node, proof: path?.proof };
}

it("passes as a whole, with an open path and a closed one in each direction", () => {
  expect(test.status.expectations?.filter(({ verdict }) => verdict !== "Passed")).toEqual([]);
});

describe("a denial", () => {
  it("on one node has no link, and between two nodes one that another path has used", () => {
    expect(reported("near-denied").proof).toMatchObject({ target: "Witness", link: "SameNode" });
    expect(reported("far-denied").proof).toMatchObject({ target: "Witness", link: "Observed" });
  });

  it("of a node depends on another source's connection to it, and on the link there", () => {
    expect(reported("far-node-denied")).toMatchObject({
      from: near,
      proof: { target: "Observed", source: "Observed", link: "Observed" },
    });
  });
});

it("has the link proven by witnesses where no path goes that way", () => {
  expect(reported("lonely-denied", lonely)).toMatchObject({
    verdict: "Passed",
    proof: { target: "Witness", source: "Observed", link: "LinkWitness" },
  });
});

itReports(
  {
    when: "the Service sends nothing to other nodes (internalTrafficPolicy: Local), and has no endpoint on the source's",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: `the Service has no ready endpoint on ${near}, and its internalTrafficPolicy: Local`,
    expectation: "local-denied",
  },
  async () => lonely,
);

it("takes such a Service for open from the node where its endpoint is", () => {
  expect(reported("local-allowed", lonely)).toMatchObject({ verdict: "Passed", from: far });
});

it.each(["own-node-allowed", "own-node-denied", "host-pod-allowed", "host-pod-denied"])(
  "%s is probed from the other node, although its source runs beside the target",
  (name) => {
    expect(reported(name).from).toBe(far);
  },
);

it("reports that a source on two nodes was tried from one of them", () => {
  expect(reported("everywhere-allowed").message).toContain("from 1 of 2 nodes");
});
