import { expect, it } from "vitest";

import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { until } from "../process/until.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { gateProbes } from "../faults/gate.ts";
import { declare } from "../harness/runTest.ts";
import { isRunning, probePodsIn, witnessPodsOf, witnessRunsFor } from "../harness/runs.ts";
import { kubectl, read } from "../harness/scenario.ts";
import { confine, dns, host, runningFollowUp, runsWithFollowUps, TWICE, within } from "./followUpRuns.ts";
import { link, proofsOf, shop, told, vault, web } from "../harness/vault.ts";
import { TESTS, waitForVerdict } from "../kube/connectivityTests.ts";

/** A test in a new namespace, whose probe does not start before the gate is open, and its witness does. */
async function gated(purpose: string) {
  const here = await shop(purpose);
  const gate = await gateProbes(here);
  await declare({ namespace: here }, { expectations: [web, vault], ipFamilies: ["IPv4"] });
  const running = async () => {
    const [run] = await witnessRunsFor(here);
    return run && (await witnessPodsOf(run)).find(isRunning);
  };
  const witness = await until("a witness runs", running, { seconds: 60 });
  return { here, gate, witness };
}

it("a witness goes on for probes that start late, and is ended when they have ended", async () => {
  const { here, gate } = await gated("late");
  // Longer than the rounds of a denial and of an Allowed take.
  const since = Date.now();
  await until("the witness has run for ten seconds", async () => Date.now() - since > 10_000 || undefined, {
    seconds: 20,
  });
  await gate.open();
  const test = await waitForVerdict(read, { namespace: here, name: "test" });
  expect(told(test)).toMatchObject({ web: { verdict: "Passed" }, vault: { verdict: "Passed" } });
  const proof = { target: "Witness", source: "Observed", link };
  expect(proofsOf(test, "vault")).toEqual([proof, proof]);
  // Another test may have restarted the operator. Then it compared no clocks, and there is a follow-up run as well.
  const [probes] = (await runsWithFollowUps(here)).first;
  const witnesses = (await witnessRunsFor(here)).find(({ spec }) => !spec.run.followUp);
  expect(witnesses?.status.pods.map(({ phase }) => phase)).toEqual(["Finished"]);
  const [goingOn, deciding] = [timesOf(witnesses), timesOf(probes)];
  // A witness with a number of rounds of its own ended after eight seconds.
  expect(deciding.roundsFrom - goingOn.roundsFrom).toBeGreaterThan(8_000);
  expect(goingOn.endedAt - deciding.endedAt).toBeGreaterThanOrEqual(0);
});

/** When the first round of a run's one pod started, by the clock that both nodes share, and when its pods had ended. */
function timesOf(run: ProbeRun | undefined) {
  return {
    roundsFrom: Date.parse(run?.status.pods[0]?.roundsStartedAt ?? ""),
    endedAt: Date.parse(run?.status.finishedAt ?? ""),
  };
}

/** Kills the runner and not this shell, whose own command line the pattern does not match. */
const KILL_RUNNER =
  'for one in /proc/[0-9]*; do grep -q "runner[.]mjs" $one/cmdline && kill -9 ${one#/proc/}; done';

it("a target whose witness was killed is witnessed again beside the probes", async () => {
  const { here, gate, witness } = await gated("untimely");
  const { namespace, name } = witness.metadata;
  // The command is killed with its container, so its exit code says nothing.
  await kubectl(["exec", name, `--namespace=${namespace}`, "--", "sh", "-c", KILL_RUNNER]).catch(() => "");
  const isKilled = async () =>
    (await witnessRunsFor(here)).some(({ status }) => status.pods[0]?.phase === "NotRun") || undefined;
  await until("the witness has ended without a report", isKilled, { seconds: 60 });
  await gate.open();
  const test = await waitForVerdict(read, { namespace: here, name: "test" });
  expect(told(test)).toMatchObject({ web: { verdict: "Passed" }, vault: { verdict: "Passed" } });
  expect(told(test)["vault"]?.message).toContain(TWICE);
  const proof = { target: "Witness", source: "Observed", link };
  expect(proofsOf(test, "vault")).toEqual([proof, proof]);
  expect((await runsWithFollowUps(here)).followUps).toHaveLength(1);
});

it("a follow-up run survives a restart of the operator in its middle, and is begun only once", async () => {
  const here = await shop("again");
  await confine(here, [within, dns]);
  await declare(
    { namespace: here },
    { expectations: [web, host], probing: { deniedRounds: 8, maxRounds: 20 } },
  );
  const run = await until("the second look runs", () => runningFollowUp(here), { seconds: 90 });
  await kubectl(["delete", "pods", ...OPERATOR, "--grace-period=0", "--force"]);
  const test = await waitForVerdict(read, { namespace: here, name: "test" });
  expect(told(test)).toMatchObject({ host: { verdict: "Passed" } });
  expect(test.status.history?.map(({ id }) => id)).toEqual([run.spec.run.id]);
  expect((await runsWithFollowUps(here)).followUps.map(({ metadata }) => metadata.uid)).toEqual([
    run.metadata.uid,
  ]);
});

it("a follow-up run does not outlive its test", async () => {
  const here = await shop("gone-again");
  await confine(here, [within, dns]);
  await declare(
    { namespace: here },
    { expectations: [web, host], probing: { deniedRounds: 8, maxRounds: 20 } },
  );
  await until("the second look runs", () => runningFollowUp(here), { seconds: 90 });
  const witnesses = await witnessRunsFor(here);
  await kubectl(["delete", TESTS, "test", `--namespace=${here}`]);
  const left = async () => [
    ...(await probePodsIn(here)),
    ...(await witnessRunsFor(here)),
    ...(await Promise.all(witnesses.map((run) => witnessPodsOf(run)))).flat(),
  ];
  await expect.poll(left, { timeout: 30_000 }).toEqual([]);
});
