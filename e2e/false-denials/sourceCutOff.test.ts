import { afterAll, beforeAll } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { until } from "../process/until.ts";
import { deploy } from "../kube/deploy.ts";
import { putGate } from "../faults/gate.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { pods } from "../harness/sharedRun.ts";
import { interfaceDown } from "../faults/podInterface.ts";
import { isRunning, type Pod, probePodsIn } from "../harness/runs.ts";
import { cluster, kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { deployment, server } from "../harness/workload.ts";

const [node = ""] = cluster.nodes;
const probe = { from: pods("client"), to: { service: { name: "vault" } }, tcp: { port: 80 } };
const expectations = ["Denied", "Allowed"].map((expect) => ({
  name: expect.toLowerCase(),
  expect,
  ...probe,
}));

const remove: (() => Promise<void>)[] = [];
let test: ConnectivityTest;

beforeAll(async () => {
  const made = await makeNamespace("cutoff");
  remove.push(made.remove);
  const here = { namespace: made.name, name: "test" };
  const client = JSON.stringify(deployment({ ...here, name: "client", node }));
  await deploy(kubectl, [client, server({ ...here, name: "vault" })].join("\n---\n"));
  const gate = await putGate(here.namespace);
  remove.push(gate.remove);
  await declare(here, { expectations });
  const victim = await cutOff(here.namespace, () => true);
  // Not before: a round while its network was up would reach the vault.
  await gate.open();
  const running = async () => (await probePodsIn(here.namespace)).find(isRunning);
  await until("the probe pod runs", running, { seconds: 60 });
  // The pod of the follow-up run is cut off too.
  await gate.close();
  await cutOff(here.namespace, ({ metadata }) => metadata.uid !== victim);
  await gate.open();
  test = await waitForVerdict(read, here);
});

/** Takes down the network of the next such probe pod, and returns its UID. */
async function cutOff(namespace: string, isNext: (pod: Pod) => boolean): Promise<string> {
  const next = async () => (await probePodsIn(namespace)).find(isNext);
  const { metadata } = await until("a probe pod is there", next, { seconds: 120 });
  await interfaceDown({ node, uid: metadata.uid });
  return metadata.uid;
}

afterAll(async () => {
  for (const each of remove) await each();
});

for (const expect of ["Denied", "Allowed"] as const) {
  itReports(
    {
      when: "the probe pod's own network is down",
      expect,
      verdict: "Inconclusive",
      reason: "SourceNotProven",
      says: "nothing proves that the probe pod's own network was up",
      expectation: expect.toLowerCase(),
    },
    async () => test,
  );
}
