import { beforeAll, expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { runTest } from "../harness/runTest.ts";
import { putWebhook } from "../faults/podWebhook.ts";
import { probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { cluster, kubectl, makeNamespace } from "../harness/scenario.ts";
import { server, SLEEPER } from "../harness/workload.ts";

/** A container that outlives the probe, as a service mesh would add it. */
const sidecar = (name: string) => ({
  name,
  image: cluster.image,
  imagePullPolicy: "IfNotPresent",
  command: ["node", "-e", SLEEPER],
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
});

const PATCH = [
  { op: "add", path: "/spec/containers/-", value: sidecar("mesh-proxy") },
  {
    op: "add",
    path: "/spec/initContainers",
    value: [{ ...sidecar("mesh-native"), restartPolicy: "Always" }],
  },
];

const from = { podSelector: { matchLabels: { app: "client" } } };
const toWeb = { from, to: { podSelector: { matchLabels: { app: "web" } } } };
const tcp = { port: 8080 };
const http = { port: 8080 };

let test: ConnectivityTest;

beforeAll(async () => {
  const { name: namespace, remove } = await makeNamespace("mesh");
  await deploy(kubectl, ["client", "web"].map((name) => server({ namespace, name })).join("\n---\n"));
  const removeWebhook = await putWebhook({ namespace }, { patch: PATCH });
  test = await runTest(
    { namespace },
    {
      expectations: [
        { name: "tcp-denied", ...toWeb, tcp, expect: "Denied" },
        { name: "tcp-allowed", ...toWeb, tcp, expect: "Allowed" },
        { name: "http-denied", ...toWeb, http, expect: "Denied" },
        { name: "http-allowed", ...toWeb, http, expect: "Allowed" },
        { name: "ping-allowed", ...toWeb, icmp: {}, expect: "Allowed" },
      ],
    },
  );
  return async () => {
    await removeWebhook();
    await remove();
  };
});

const intercepted = (expectation: string, when: string, expected: "Allowed" | "Denied") =>
  itReports(
    {
      when: `a sidecar is injected into the probe pod: ${when}`,
      expect: expected,
      verdict: "Inconclusive",
      reason: "Intercepted",
      expectation,
      says: "mesh-native, mesh-proxy",
    },
    async () => test,
  );

intercepted("tcp-denied", "a bare connection that is established", "Denied");
intercepted("http-denied", "an HTTP answer where none is expected", "Denied");
intercepted("tcp-allowed", "a bare connection", "Allowed");

it("what a sidecar cannot make up stands: an HTTP answer as asked, and a ping", () => {
  const reported = test.status.expectations?.filter(({ name }) => /^(http|ping)-allowed$/.test(name));
  expect(reported?.map(({ verdict, actual }) => [verdict, actual])).toEqual([
    ["Passed", "Allowed"],
    ["Passed", "Allowed"],
  ]);
});

it("the run names the sidecars and does not wait for them to end", async () => {
  const [run] = await probeRunsOf(test.metadata);
  expect(run?.status.pods).toMatchObject([{ phase: "Finished", injected: ["mesh-native", "mesh-proxy"] }]);
  const left = async () => probePodsIn(test.metadata.namespace);
  await expect.poll(left, { timeout: 60_000 }).toEqual([]);
});
