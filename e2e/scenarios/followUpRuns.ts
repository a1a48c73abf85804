import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { apply } from "../kube/deploy.ts";
import { networkPolicy } from "../harness/runTest.ts";
import { isRunning, probePodsIn, probeRunsOf } from "../harness/runs.ts";
import { kubectl } from "../harness/scenario.ts";
import { from, pods } from "../harness/vault.ts";

/** The remark of a message on a path that the follow-up run has decided. */
export const TWICE = "The follow-up run decided";
/** Egress to the namespace's own pods, and to DNS. */
export const within = { to: [{ podSelector: {} }] };
export const dns = { ports: [{ protocol: "UDP", port: 53 }] };
/** The cluster's DNS knows it: 203.0.113.10 and 2001:db8:113::10. */
export const host = {
  name: "host",
  from,
  to: { host: "outside.example.test" },
  tcp: { port: 80 },
  expect: "Denied",
};

/** The client may send to these alone. */
export async function confine(here: string, egress: readonly object[]): Promise<void> {
  const spec = { podSelector: pods("client").podSelector, egress, policyTypes: ["Egress"] };
  await apply(kubectl, networkPolicy({ namespace: here, name: "confined" }, spec));
}

/** The looks at the runs of the test. */
export const runsWithFollowUps = async (here: string) => {
  const runs = await probeRunsOf({ namespace: here, name: "test" });
  return {
    first: runs.filter(({ spec }) => !spec.run.followUp),
    followUps: runs.filter(({ spec }) => spec.run.followUp),
  };
};

/** The follow-up run of the test's run, as soon as one of its probe pods runs. */
export async function runningFollowUp(here: string): Promise<ProbeRun | undefined> {
  const [run] = (await runsWithFollowUps(here)).followUps;
  const names = new Set(run?.spec.pods.map(({ name }) => name));
  const running = (await probePodsIn(here)).filter(isRunning);
  return running.some(({ metadata }) => names.has(metadata.name)) ? run : undefined;
}
