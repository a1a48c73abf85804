import { afterAll, beforeAll, expect, it } from "vitest";

import { gateRecipe, RECIPE_SECRET } from "../../operator/testing/gateRecipe.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { BETTER, CUT_OFF, deployTest, GOOD, letIn, suspend, withoutOperator } from "./gatedWeb.ts";
import { installController } from "./installController.ts";
import { newestAnalysis, rolloutIs, rollTo } from "./rollout.ts";

/** The controller of Argo Rollouts, configured as docs/gates.md recommends. The titles are the rows of a table there. */

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;
let uninstall: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  uninstall = await installController("argorollouts");
  ({ name: here, remove: removeNamespace } = await makeNamespace("argo-gate"));
  await deployTest(here, { app: "web", role: "canary" });
  const secret = ["secret", "generic", "netverdict-gate", `--from-literal=secret=${RECIPE_SECRET}`];
  await kubectl(["create", ...secret, `--namespace=${here}`]);
  await putTemplate(60);
  await rollTo(here, GOOD);
  await rolloutIs(here, ["Healthy"]);
}, 1_800_000);
afterAll(async () => {
  await removeNamespace();
  await uninstall();
});

/** The AnalysisTemplate of the page, with the test of this namespace, and with so many measurements. */
async function putTemplate(count: number): Promise<void> {
  const input = gateRecipe("Argo Rollouts")
    .replace("/gate/shop/", `/gate/${here}/`)
    .replaceAll(": 60\n", `: ${count}\n`);
  await kubectl(["apply", "--server-side", `--namespace=${here}`, "-f", "-"], { input });
}

/** Where the Rollout of a version ends. */
async function ended(version: typeof GOOD) {
  await rollTo(here, version);
  return rolloutIs(here, ["Healthy", "Degraded", "Paused"]);
}

/** Rolls out the version that the tests begin and end with, also after an abort or a pause, whose phase may stay for a moment. */
async function rollBack(): Promise<void> {
  await rollTo(here, BETTER);
  await rolloutIs(here, ["Healthy"]);
}

it("a good version goes through", async () => {
  const before = await rolloutIs(here, ["Healthy"]);
  const after = await ended(BETTER);
  expect(after).toMatchObject({ phase: "Healthy", stableRS: after.currentPodHash });
  expect(after.stableRS).not.toBe(before.stableRS);
  const { phase, phases } = await newestAnalysis(here);
  expect([phase, phases[0], phases.at(-1)]).toEqual(["Successful", "Inconclusive", "Successful"]);
});

it("a version that a policy cuts off from its database is stopped, and the one before stays", async () => {
  const { stableRS } = await rolloutIs(here, ["Healthy"]);
  const aborted = await ended(CUT_OFF);
  expect(aborted).toMatchObject({ phase: "Degraded", stableRS });
  expect(aborted.message).toContain("RolloutAborted");
  expect(await newestAnalysis(here)).toMatchObject({ phase: "Failed" });
  await rollBack();
  expect(await rolloutIs(here, ["Healthy"])).toMatchObject({ stableRS });
});

it("its second attempt, with another policy, is not judged by the run of the first", async () => {
  await letIn(here, ["yes", "no"]);
  const after = await ended(CUT_OFF);
  expect(after).toMatchObject({ phase: "Healthy", stableRS: after.currentPodHash });
  await rollBack();
});

it("a version that went through, and is cut off when it is tried again, is stopped", async () => {
  await letIn(here, ["yes"]);
  expect(await ended(CUT_OFF)).toMatchObject({ phase: "Degraded" });
  await rollBack();
});

it("after an inconclusive verdict the rollout does not go on", async () => {
  await putTemplate(3);
  await suspend(here, true);
  expect(await ended(GOOD)).toMatchObject({ phase: "Paused", message: "InconclusiveAnalysisRun" });
  expect(await newestAnalysis(here)).toMatchObject({ phase: "Inconclusive" });
  await suspend(here, false);
  await putTemplate(60);
  await rollBack();
});

it("a rollout is stopped if the operator is away", async () => {
  await withoutOperator(async () => {
    expect(await ended(GOOD)).toMatchObject({ phase: "Degraded" });
    expect(await newestAnalysis(here)).toMatchObject({ phase: "Error" });
  });
});
