import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { startGate } from "../../operator/testing/gateScene.ts";
import { gateStates } from "./states.ts";

/** What the gate endpoint answers in each state of a test, as the operator's own code writes it. */
const ANSWERS: Readonly<Record<string, string>> = {
  "created; the operator has not read it": "Pending InProgress",
  "in its first run": "Pending InProgress",
  passed: "Passed AsExpected",
  failed: "Failed Open",
  inconclusive: "Inconclusive TargetNotProven",
  "passed, and in a requested run": "Pending InProgress",
  "failed, and in a requested run": "Pending InProgress",
  "passed, and in a run for a changed policy": "Pending InProgress",
  "passed; a new pod template is being rolled out": "Pending InProgress",
  "passed, and in a run of the schedule": "Passed AsExpected",
  "passed, then suspended": "Passed AsExpected",
  // No run starts by itself, so waiting would be in vain.
  "suspended before its first run": "Inconclusive Suspended",
  "passed; the operator has not read the new spec": "Pending InProgress",
  "passed, and not renewed until validUntil": "Inconclusive Expired",
  "passed, past validUntil; the operator is away": "Inconclusive Expired",
  "a spec that cannot be run": "Inconclusive TooManyPaths",
  "passed; the next run is rejected": "Inconclusive ProbeNotRun",
};

const answerSchema = z.object({ verdict: z.string(), reason: z.string() });
const now = new Date("2026-11-30T12:00:00Z");
const states = gateStates(now);
const USERS = { "gate-token": { username: "gate", may: ["get shop/shop"] } };
let gate: Awaited<ReturnType<typeof startGate>>;
beforeAll(async () => {
  gate = await startGate(USERS);
  gate.state.now = now;
});
afterAll(() => gate.close());

describe("the gate endpoint", () => {
  it("has an answer for each state", () => {
    expect(states.map(({ title }) => title)).toEqual(Object.keys(ANSWERS));
  });

  it.each(states)("answers for a test that is $title", async ({ title, test, decision }) => {
    gate.put(connectivityTestSchema.parse(test));
    const init = { headers: { authorization: "Bearer gate-token" } };
    const response = await gate.fetch("/gate/shop/shop?maxAge=1h", init);
    const { verdict, reason } = answerSchema.parse(await response.json());
    expect(`${verdict} ${reason}`).toBe(ANSWERS[title]);
    expect(verdict === "Passed").toBe(decision === "go on");
  });
});
