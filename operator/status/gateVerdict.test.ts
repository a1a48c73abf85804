import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { gateVerdict } from "./gateVerdict.ts";

const net = connectivityTest({ spec: { schedule: { every: "10m" } } });
const MINUTE = 60_000;

interface RunSketch {
  readonly verdict: Verdict;
  readonly id: string;
  readonly requests: readonly string[];
  readonly at?: number;
}

/** The test after a run of 20 s that began at a time, for these tokens. */
function withRun(test: ConnectivityTest, run: RunSketch) {
  const { verdict, at = 0, ...sketch } = run;
  const ended = endedRun([verdict], {
    ...sketch,
    at,
    digestOf: test.spec,
    generation: test.metadata.generation,
  });
  return published({ test, ended, now: later(at + 20_000) });
}

describe("a result that is over", () => {
  const first = withRun(net, { verdict: "Passed", id: "one", requests: ["v1"] });
  const second = withRun(first, { verdict: "Failed", id: "two", requests: ["v1~one"], at: 5 * MINUTE });

  it("makes a gate wait for the run of a token that derives from its own and that result", () => {
    const over = gateVerdict(first, { token: "v1", maxAge: MINUTE }, later(2 * MINUTE));
    expect(over).toMatchObject({ answer: { verdict: "Pending", run: null }, request: "v1~one" });
    const again = gateVerdict(second, { token: "v1", maxAge: MINUTE }, later(6 * MINUTE));
    expect(again).toMatchObject({ answer: { verdict: "Failed", run: "two" } });
    expect(again).not.toHaveProperty("request");
  });

  it("leads to a third run when the second one is over as well", () => {
    const { request } = gateVerdict(second, { token: "v1", maxAge: MINUTE }, later(60 * MINUTE));
    expect(request).toBe("v1~two");
  });

  it("is one for another generation too", () => {
    const changed = { ...first, metadata: { ...first.metadata, generation: 2 } };
    expect(gateVerdict(changed, { token: "v1" }, later(MINUTE))).toMatchObject({
      answer: { verdict: "Pending", generation: 2 },
      request: "v1~one",
    });
  });

  it("is Inconclusive without a token, which can request no run", () => {
    const decision = gateVerdict(first, { maxAge: MINUTE }, later(2 * MINUTE));
    expect(decision).toEqual({
      answer: {
        verdict: "Inconclusive",
        reason: "Expired",
        message:
          "its verdict Passed is of generation 1 and ended at 2026-11-21T12:00:20.000Z, and maxAge is 1m. Run the test again",
        finishedAt: null,
        generation: 1,
        run: null,
      },
    });
  });

  it("is none of a token that still waits because no run can start", () => {
    const suspended = published({
      test: { ...first, spec: { ...first.spec, suspend: true } },
      noticed: ["v2"],
      now: later(MINUTE),
    });
    const decision = gateVerdict(suspended, { token: "v2", maxAge: MINUTE }, later(60 * MINUTE));
    expect(decision).toMatchObject({ answer: { verdict: "Inconclusive", reason: "Suspended", run: null } });
    expect(decision).not.toHaveProperty("request");
  });
});

const now = later(10 * MINUTE);
const token = "v1";
/** Statuses as any client may have left them. */
const anyTest = fc
  .record({
    generation: fc.constantFrom(1, 2),
    observedGeneration: fc.constantFrom(-1, 1, 2),
    verdict: fc.constantFrom("Pending", "Passed", "Failed", "Inconclusive"),
    run: fc.option(
      fc.record({ generation: fc.constantFrom(1, 2), at: fc.constantFrom(0, 9 * MINUTE, 20 * MINUTE) }),
      { nil: undefined },
    ),
    pendingRequests: fc.subarray([token, `${token}~a`, "other"]),
    handled: fc.uniqueArray(
      fc.record({
        token: fc.constantFrom(token, `${token}~a`, `${token}~b`, "other"),
        run: fc.constantFrom(undefined, "a", "b"),
        verdict: fc.constantFrom("Passed", "Failed", "Inconclusive"),
        generation: fc.constantFrom(1, 2),
        finishedAt: fc.constantFrom(later(0).toISOString(), later(9 * MINUTE).toISOString(), "soon"),
      }),
      { selector: (request) => request.token },
    ),
    isReady: fc.boolean(),
    isReconciling: fc.boolean(),
  })
  .map(({ generation, run, handled, isReady, isReconciling, ...status }) => {
    const words = { reason: "AsExpected", message: "as seen" };
    const conditionOf = (type: string, is: boolean) => ({
      type,
      status: is ? "True" : "False",
      observedGeneration: generation,
      lastTransitionTime: now.toISOString(),
      ...words,
    });
    return connectivityTestSchema.parse({
      metadata: { ...net.metadata, generation },
      spec: net.spec,
      status: {
        ...status,
        ...(run && {
          run: {
            id: "last",
            trigger: "Request",
            startedAt: later(run.at).toISOString(),
            finishedAt: later(run.at).toISOString(),
            generation: run.generation,
          },
        }),
        handledRequests: handled.map((request) => ({ ...request, ...words })),
        conditions: [conditionOf("Ready", isReady), conditionOf("Reconciling", isReconciling)],
      },
    });
  });

describe("for every status", () => {
  const ages = fc.option(fc.constantFrom(2 * MINUTE, 60 * MINUTE), { nil: undefined });

  it("Passed for a token needs a Passed run of this token, of this generation, and within maxAge", () => {
    let green = 0;
    fc.assert(
      fc.property(anyTest, ages, (test, maxAge) => {
        const { answer, request } = gateVerdict(test, { token, maxAge }, now);
        if (answer.verdict !== "Passed") return;
        green += 1;
        const results = (test.status.handledRequests ?? []).filter(
          (result) => result.token === token || result.token.startsWith(`${token}~`),
        );
        const since = now.getTime() - (maxAge ?? Number.MAX_SAFE_INTEGER);
        const proofs = results.filter(
          ({ verdict, run, generation, finishedAt }) =>
            verdict === "Passed" &&
            run !== undefined &&
            generation === test.metadata.generation &&
            Date.parse(finishedAt) >= since,
        );
        expect(proofs.map(({ run }) => run)).toContain(answer.run);
        expect(answer.generation).toBe(test.metadata.generation);
        expect(request).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
    expect(green).toBeGreaterThan(0);
  });

  it("Passed without a token needs a Ready test of this generation, and a run within maxAge", () => {
    let green = 0;
    fc.assert(
      fc.property(anyTest, fc.constantFrom(2 * MINUTE, 60 * MINUTE), (test, maxAge) => {
        if (gateVerdict(test, { maxAge }, now).answer.verdict !== "Passed") return;
        green += 1;
        const { status, metadata } = test;
        const isTrue = (wanted: string) =>
          status.conditions?.some((condition) => condition.type === wanted && condition.status === "True");
        expect([status.verdict, isTrue("Ready"), isTrue("Reconciling")]).toEqual(["Passed", true, false]);
        expect([status.observedGeneration, status.run?.generation]).toEqual([
          metadata.generation,
          metadata.generation,
        ]);
        expect(Date.parse(status.run?.finishedAt ?? "")).toBeGreaterThanOrEqual(now.getTime() - maxAge);
      }),
      { numRuns: 5_000 },
    );
    expect(green).toBeGreaterThan(0);
  });

  it("a run is requested only while the answer is Pending", () => {
    fc.assert(
      fc.property(anyTest, ages, (test, maxAge) => {
        const { answer, request } = gateVerdict(test, { token, maxAge }, now);
        expect(request === undefined || answer.verdict === "Pending").toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
