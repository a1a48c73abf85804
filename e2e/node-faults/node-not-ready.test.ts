import { afterAll, beforeAll } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { kubelet } from "../faults/component.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

const expectations = [
  {
    name: "vault",
    from: { podSelector: { matchLabels: { app: "client" } } },
    to: { podSelector: { matchLabels: { app: "vault" } } },
    tcp: { port: 8080 },
    expect: "Denied",
  },
];

/** The node whose kubelet is stopped; no pod of this test tolerates the other one. */
const [first = ""] = cluster.nodes;

/** Begun while the cluster still took the node for ready, and begun once it did not. */
let before: ConnectivityTest;
let after: ConnectivityTest;

afterAll(kubelet.goOn);

beforeAll(async () => {
  const { name: namespace, remove } = await makeNamespace("node-not-ready");
  const servers = ["client", "vault"].map((name) => server({ namespace, name }));
  await deploy(kubectl, servers.join("\n---\n"));
  await kubelet.stop();
  await declare({ namespace, name: "before" }, { expectations });
  // The controller manager waits 50 s for the kubelet. Pods are not evicted within the next five minutes.
  await until("the node is not ready", isNotReady, { seconds: 90, everyMs: 1_000 });
  await declare({ namespace, name: "after" }, { expectations });
  before = await waitForVerdict(read, { namespace, name: "before" });
  after = await waitForVerdict(read, { namespace, name: "after" });
  return remove;
}, 300_000);

async function isNotReady(): Promise<true | undefined> {
  const path = "{.status.conditions[?(@.type=='Ready')].status}";
  return (await kubectl(["get", "node", first, "-o", `jsonpath=${path}`])) === "Unknown" ? true : undefined;
}

itReports(
  {
    when: "the node's kubelet is stopped, and the cluster has not noticed yet",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: "not started within 1m: its container has not started. Check that the node node1 is up",
  },
  async () => before,
);

itReports(
  {
    when: "the node is not ready",
    expect: "Denied",
    verdict: "Inconclusive",
    reason: "ProbeNotRun",
    says: /not started within 1m: Unschedulable: .*untolerated taint/,
  },
  async () => after,
);
