import { expect, it } from "vitest";

import { until } from "../process/until.ts";
import { OPERATOR } from "../install/installOperator.ts";
import { gateProbes } from "../faults/gate.ts";
import { declare } from "../harness/runTest.ts";
import { interfaceDownWhile } from "../faults/podInterface.ts";
import { roundsBegun } from "../harness/roundsBegun.ts";
import { probePodsIn, witnessPodsOf, witnessRunsFor } from "../harness/runs.ts";
import { kubectl, read } from "../harness/scenario.ts";
import { confine, dns, host, runningFollowUp, runsWithFollowUps, TWICE, within } from "./followUpRuns.ts";
import { link, near, proofsOf, shop, told, vault, web } from "../harness/vault.ts";
import { TESTS, waitForVerdict } from "../kube/connectivityTests.ts";

it("a witness that came too early is asked again beside the probes", async () => {
  const here = await shop("untimely");
  const gate = await gateProbes(here);
  const probing = { maxRounds: 60 };
  await declare({ namespace: here }, { expectations: [web, vault], probing, ipFamilies: ["IPv4"] });
  const first = async () => (await probePodsIn(here))[0];
  const { uid } = (await until("a probe pod is there", first, { seconds: 30 })).metadata;
  const isOver = async () => (await witnessRunsFor(here))[0]?.status.phase === "Finished" || undefined;
  // The gate keeps the probe from starting before its network is down: a round before that would be a sign of life beside
  // the witness. All rounds of the witness are over when the network comes up, and with it the rounds that count.
  await interfaceDownWhile({ node: near, uid }, async () => {
    await gate.open();
    await roundsBegun(here, 3);
    await until("the witness has ended", isOver, { seconds: 60 });
  });
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
