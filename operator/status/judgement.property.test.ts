import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { judgeGoal } from "./judgement.ts";

const now = later(30_000);
const uid = "uid-net";
const token = "asked";
const scheduled = connectivityTest({ spec: { schedule: { every: "10m" } } });

/** Statuses as any client may have left them, with the words that decide. */
const anyStatus = fc.record({
  observedGeneration: fc.constantFrom(-1, 1, 2),
  verdict: fc.constantFrom("Pending", "Passed", "Failed", "Inconclusive", "Excellent"),
  lastHandledRequest: fc.option(fc.constantFrom(token, "other"), { nil: undefined }),
  pendingRequests: fc.subarray([token, "other"]),
  handled: fc.uniqueArray(
    fc.record({
      token: fc.constantFrom(token, `${token}2`, "other"),
      verdict: fc.constantFrom("Passed", "Failed", "Inconclusive", "Excellent"),
    }),
    { selector: (request) => request.token },
  ),
  annotation: fc.constantFrom(token, "other"),
  validUntil: fc.option(fc.constantFrom(later(0), later(60_000)), { nil: undefined }),
  conditions: fc.uniqueArray(
    fc.record({
      type: fc.constantFrom("Passed", "Ready", "Reconciling", "Stalled"),
      status: fc.constantFrom("True", "False", "Unknown"),
      observedGeneration: fc.constantFrom(1, 2),
    }),
    { selector: ({ type }) => type },
  ),
});
type DrawnStatus = typeof anyStatus extends fc.Arbitrary<infer Value> ? Value : never;

function testWithStatus({
  handled,
  annotation,
  validUntil,
  conditions,
  lastHandledRequest,
  ...status
}: DrawnStatus) {
  return connectivityTestSchema.parse({
    metadata: { ...scheduled.metadata, annotations: { [RUN_REQUESTED]: annotation } },
    spec: scheduled.spec,
    status: {
      ...status,
      ...(lastHandledRequest !== undefined && { lastHandledRequest }),
      ...(validUntil && { validUntil: validUntil.toISOString() }),
      handledRequests: handled.map((request) => ({
        ...request,
        reason: "AsExpected",
        message: "as seen",
        generation: 1,
        finishedAt: now.toISOString(),
      })),
      conditions: conditions.map((condition) => ({
        ...condition,
        reason: "InProgress",
        message: "as seen",
        lastTransitionTime: now.toISOString(),
      })),
    },
  });
}

const anyTest = anyStatus.map(testWithStatus);

/** What random statuses come upon too seldom to rely on it. */
const passed = testWithStatus({
  observedGeneration: 1,
  verdict: "Passed",
  lastHandledRequest: token,
  pendingRequests: [],
  handled: [{ token, verdict: "Passed" }],
  annotation: token,
  validUntil: later(60_000),
  conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }],
});

describe("for every status", () => {
  it("Passed with a token needs this token with Passed in the status", () => {
    fc.assert(
      fc.property(anyTest, (test) => {
        const results = (test.status.handledRequests ?? []).filter((request) => request.token === token);
        const { state } = judgeGoal(test, { uid, token }, now);
        expect(state === "Passed").toBe(results.length === 1 && results[0]?.verdict === "Passed");
      }),
      { numRuns: 1_000 },
    );
  });

  it("Passed without a token needs Ready=True of this generation, no run that is awaited, and time left", () => {
    let green = 0;
    fc.assert(
      fc.property(anyTest, (test) => {
        if (judgeGoal(test, { uid }, now).state !== "Passed") return;
        green += 1;
        const { observedGeneration, verdict, validUntil, conditions = [] } = test.status;
        const states = Object.fromEntries(conditions.map((each) => [each.type, each]));
        expect({ observedGeneration, verdict }).toEqual({ observedGeneration: 1, verdict: "Passed" });
        expect(states["Ready"]).toMatchObject({ status: "True", observedGeneration: 1 });
        expect(states["Reconciling"]?.status).not.toBe("True");
        expect(Date.parse(validUntil ?? later(60_000).toISOString())).toBeGreaterThan(now.getTime());
        const handled = (test.status.handledRequests ?? []).map((request) => request.token);
        const answered = [...handled, test.status.lastHandledRequest];
        expect(answered).toEqual(
          expect.arrayContaining([
            test.metadata.annotations[RUN_REQUESTED],
            ...(test.status.pendingRequests ?? []),
          ]),
        );
      }),
      { numRuns: 5_000, examples: [[passed]] },
    );
    expect(green).toBeGreaterThan(0);
  });
});
