import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { itReports } from "../harness/itReports.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deployment, server, service } from "../harness/workload.ts";
import { deploy } from "../kube/deploy.ts";

/** Ports and addresses as the clients of a target meet them: of a headless Service, of a name that several ports have, of the pod itself. */

const pods = (name: string) => ({ podSelector: { matchLabels: { app: name } } });
const headless = (name: string) => ({ to: { service: { name } }, http: { port: 80 } });

interface Asked {
  readonly to: object;
  readonly [tool: string]: unknown;
}

const asked = (here: string): Readonly<Record<string, Asked>> => ({
  "store-allowed": headless("store"),
  "store-denied": headless("store"),
  "store-by-name-allowed": { to: { host: `store.${here}.svc.cluster.local.` }, http: { port: 80 } },
  "same-port-allowed": { to: { service: { name: "same-port" } }, http: { port: 8080 } },
  "shut-denied": headless("shut"),
  "metrics-denied": { to: pods("app"), tcp: { port: "metrics" } },
  "metrics-allowed": { to: pods("app"), tcp: { port: "metrics" } },
  "web-allowed": { to: { service: { name: "web" } }, tcp: { port: 80 } },
  "localhost-allowed": { to: { host: "localhost" }, tcp: { port: 5432 } },
  "localhost-denied": { to: { host: "localhost" }, tcp: { port: 9797 } },
});

/** The Service of a Deployment, headless, under another port than its pods have. */
function headlessService(namespace: string, name: string, selected: string): object {
  const base = service({ namespace, name });
  const ports = [{ name: "http", port: name === "same-port" ? 8080 : 80, targetPort: 8080 }];
  return { ...base, spec: { clusterIP: "None", selector: { app: selected }, ports } };
}

const listening = (port: number) =>
  `require("http").createServer((_, response) => response.end("ok")).listen(${port}, "::")`;

/** A pod of two containers and a native sidecar, each of which names its own port `metrics`. */
function app(namespace: string): string {
  const base = deployment({ namespace, name: "app", readinessProbe: false });
  const { spec } = base.spec.template;
  const container = (name: string, port: number) =>
    spec.containers.map((one) => ({
      ...one,
      name,
      command: ["node", "-e", listening(port)],
      ports: [{ name: "metrics", containerPort: port }],
      readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    }));
  const pod = {
    ...spec,
    containers: [...container("app", 9100), ...container("exporter", 9200)],
    initContainers: container("sidecar", 9300).map((one) => ({ ...one, restartPolicy: "Always" })),
  };
  return JSON.stringify({ ...base, spec: { ...base.spec, template: { ...base.spec.template, spec: pod } } });
}

let test: ConnectivityTest;

beforeAll(async () => {
  const { name: here, remove } = await makeNamespace("clients-ports");
  await deploy(
    kubectl,
    [
      ...["client", "web"].map((name) => server({ namespace: here, name })),
      ...["backend", "guarded"].map((name) => JSON.stringify(deployment({ namespace: here, name }))),
      JSON.stringify(headlessService(here, "store", "backend")),
      JSON.stringify(headlessService(here, "same-port", "backend")),
      JSON.stringify(headlessService(here, "shut", "guarded")),
      app(here),
      networkPolicy(
        { namespace: here, name: "app" },
        { ...pods("app"), policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 9200 }] }] },
      ),
      networkPolicy({ namespace: here, name: "guarded" }, { ...pods("guarded"), policyTypes: ["Ingress"] }),
    ].join("\n---\n"),
  );
  test = await runTest(
    { namespace: here },
    {
      ipFamilies: ["IPv4"],
      probing: { deniedRounds: 10, maxRounds: 20 },
      expectations: Object.entries(asked(here)).map(([name, rest]) => ({
        name,
        from: pods("client"),
        expect: name.endsWith("denied") ? "Denied" : "Allowed",
        ...rest,
      })),
    },
  );
  return remove;
});

function reported(name: string) {
  const found = test.status.expectations?.find((one) => one.name === name);
  return {
    verdict: found?.verdict,
    message: found?.message ?? "",
    ports: (found?.paths ?? [])
      .map(({ address }) => Number(address.split(":").at(-1)))
      .toSorted((a, b) => a - b),
  };
}

const TRANSLATES_NONE =
  "headless Service translates no port: clients of its name dial 80 at its pods, and only clients of its SRV records dial 8080";

itReports(
  {
    when: "the Service is headless, and its pods listen on its target port alone",
    expect: "Allowed",
    verdict: "Failed",
    reason: "TargetDown",
    says: TRANSLATES_NONE,
    expectation: "store-allowed",
  },
  async () => test,
);

itReports(
  {
    when: "the Service is headless, its port is closed, and its target port is open",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: /:8080 answered HTTP 200.*headless Service translates no port/,
    expectation: "store-denied",
  },
  async () => test,
);

itReports(
  {
    when: "the Service is headless, and nothing listens on its port",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "TargetNotProven",
    says: TRANSLATES_NONE,
    expectation: "shut-denied",
  },
  async () => test,
);

itReports(
  {
    when: "one of three container ports of the same name is open to the source",
    expect: "Denied",
    verdict: "Failed",
    reason: "Open",
    says: /1 of 3 paths is open.*:9200 connected/,
    expectation: "metrics-denied",
  },
  async () => test,
);

itReports(
  {
    when: "the host is the pod itself, where a sidecar of the source listens",
    expect: "Allowed",
    verdict: "Inconclusive",
    reason: "TargetNotSupported",
    says: "leads to 127.0.0.1, which is the probe pod itself",
    expectation: "localhost-allowed",
  },
  async () => test,
);

itReports(
  {
    when: "the host is the pod itself, at the port of the probe's runner",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "TargetNotSupported",
    says: "leads to 127.0.0.1, which is the probe pod itself",
    expectation: "localhost-denied",
  },
  async () => test,
);

it("a headless Service has the same verdict as its name has", () => {
  expect(reported("store-by-name-allowed").verdict).toBe("Failed");
  expect(reported("same-port-allowed")).toMatchObject({ verdict: "Passed", ports: [8080] });
});

it("a headless Service is dialled at its own port, and where Denied is expected at its target port as well", () => {
  expect(reported("store-allowed").ports).toEqual([80]);
  expect(reported("store-denied").ports).toEqual([80, 8080]);
});

it("a port name is every port of that name, of containers and of a native sidecar", () => {
  expect(reported("metrics-denied").ports).toEqual([9100, 9200, 9300]);
  expect(reported("metrics-allowed")).toMatchObject({ verdict: "Failed", ports: [9100, 9200, 9300] });
});
