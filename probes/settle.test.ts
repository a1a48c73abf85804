import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeSample } from "./samples.ts";
import { aliveFrom, settle } from "./settle.ts";
import { check } from "./testing/checks.ts";

const limits = { rounds: 3, deniedRounds: 5, maxRounds: 15 };
const settled = (samples: string, alive: number | undefined = 0) =>
  settle({ ...limits, samples, aliveFrom: alive });

describe("what settles", () => {
  it.each([
    ["three answers", "AAA", { actual: "Allowed", outcome: "Answered", asAsked: true, from: 0, to: 2 }],
    [
      "wrong answers that agree",
      "aca",
      { actual: "Allowed", outcome: "Answered", asAsked: false, from: 0, to: 2 },
    ],
    ["five denials of whatever kind", "R.U.R", { actual: "Denied", outcome: "Refused", from: 0, to: 4 }],
    [
      "five names that did not resolve",
      "nfxnf",
      { actual: "Unknown", outcome: "ResolverFailed", from: 0, to: 4 },
    ],
    [
      "the last rounds, after others",
      "CC.....",
      { actual: "Denied", from: 2, to: 6, since: 2, disagreedBefore: true },
    ],
    ["the last of more than needed", ".......", { from: 2, to: 6, since: 0, disagreedBefore: false }],
    ["what errors stand between", "AEEAEA", { actual: "Allowed", from: 0, to: 5, disagreedBefore: false }],
    ["what errors follow", "AAAEE", { actual: "Allowed", from: 0, to: 2 }],
  ])("%s: %s", (_, samples, expected) => {
    expect(settled(samples)).toMatchObject({ state: "Settled", ...expected });
  });

  it.each([
    ["too few answers", "AA", true],
    ["answers as asked and not", "AAaAaA", true],
    ["too few denials", "....", false],
    ["a denial after an answer", "AAAA.", true],
    ["one answer among the last five denials", "..A..", true],
    ["denials and unresolved names", "..nn.n.n", false],
    ["nothing yet", "", false],
  ])("not %s: %s", (_, samples, sometimesAllowed) => {
    expect(settled(samples)).toEqual({ state: "Unsettled", sometimesAllowed: sometimesAllowed });
  });
});

describe("a denial and the first sign of life", () => {
  it("counts only rounds since then", () => {
    expect(settled("........", 4)).toEqual({ state: "Unsettled", sometimesAllowed: false });
    expect(settled(".........", 4)).toMatchObject({
      state: "Settled",
      actual: "Denied",
      from: 4,
      to: 8,
      since: 0,
    });
  });

  it("needs twice the rounds where there is none", () => {
    expect(settle({ ...limits, samples: ".........", aliveFrom: undefined })).toMatchObject({
      state: "Unsettled",
    });
    expect(settle({ ...limits, samples: "..........", aliveFrom: undefined })).toMatchObject({
      state: "Settled",
      from: 0,
      to: 9,
    });
  });

  it("means nothing to an answer", () => {
    expect(settled("CCC", 14)).toMatchObject({ state: "Settled", actual: "Allowed" });
  });

  it("is unsettled, not starved, when it came too late", () => {
    expect(settled("...............", 13)).toEqual({ state: "Unsettled", sometimesAllowed: false });
  });
});

describe("a starved check", () => {
  it.each(["EEEEEEEEEEEEEEE", "EEEEEEE..EE..EE", "EEEEEEEEEEEEEAA"])("%s at the limit", (samples) => {
    expect(settled(samples)).toEqual({ state: "Starved" });
  });

  it("is not called so before the limit", () => {
    expect(settled("EEEEEEEEEEEEEE")).toEqual({ state: "Unsettled", sometimesAllowed: false });
  });

  it("is not called so where what was said disagrees", () => {
    expect(settled("EEEEEEEEEEEEE.A")).toEqual({ state: "Unsettled", sometimesAllowed: true });
  });
});

const letter = fc.constantFrom(..."AaCcPNXF.RUExfn".split(""));
/** Anything, then at last something that may well settle. */
const samplesOf = fc
  .tuple(
    fc.array(letter, { maxLength: 20 }),
    fc.oneof(
      ...["AE", "aCcXFE", ".RUE", "xfnE", ".RUEAC"].map((few) =>
        fc.array(fc.constantFrom(...few.split("")), { maxLength: 40 }),
      ),
    ),
  )
  .map((parts) => parts.flat().join(""));
const input = fc
  .record({
    samples: samplesOf,
    rounds: fc.integer({ min: 1, max: 10 }),
    deniedRounds: fc.integer({ min: 2, max: 15 }),
    aliveFrom: fc.option(fc.nat({ max: 60 }), { nil: undefined }),
  })
  .map((drawn) => ({ ...drawn, maxRounds: Math.max(2 * drawn.deniedRounds, drawn.rounds) }));
const telling = (samples: string) => samples.split("").filter((each) => each !== "E");

describe("for all samples", () => {
  it("a denial has nothing but denials in its last rounds", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const settlement = settle(drawn);
        fc.pre(settlement.state === "Settled" && settlement.actual === "Denied");
        const last = telling(drawn.samples).slice(-drawn.deniedRounds);
        expect(last).toHaveLength(drawn.deniedRounds);
        expect(last.every((each) => describeSample(each).actual === "Denied")).toBe(true);
      }),
    );
  });

  it("an open round at the end is never a denial", () => {
    fc.assert(
      fc.property(input, fc.constantFrom("A", "a", "C", "c", "P", "N", "X", "F"), (drawn, open) => {
        const settlement = settle({ ...drawn, samples: drawn.samples + open });
        expect(settlement).not.toMatchObject({ actual: "Denied" });
      }),
    );
  });

  it("errors at the end change nothing that had settled, and settle nothing", () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 10 }), (drawn, errors) => {
        const before = settle(drawn);
        const after = settle({ ...drawn, samples: drawn.samples + "E".repeat(errors) });
        const settledBefore = before.state === "Settled" ? before : undefined;
        const settledAfter = after.state === "Settled" ? after : undefined;
        expect(settledAfter).toEqual(settledBefore);
      }),
    );
  });

  it("the deciding rounds are among the last, say the same, and none lies before the first sign of life", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const settlement = settle(drawn);
        fc.pre(settlement.state === "Settled");
        const { from, to, since, actual, outcome } = settlement;
        const after = telling(drawn.samples.slice(to + 1));
        const deciding = telling(drawn.samples.slice(from, to + 1)).map(describeSample);
        expect(after).toEqual([]);
        expect(since).toBeLessThanOrEqual(from);
        expect(deciding.every((each) => each.actual === actual)).toBe(true);
        expect(deciding.at(-1)?.outcome).toBe(outcome);
        expect(from).toBeGreaterThanOrEqual(actual === "Allowed" ? 0 : (drawn.aliveFrom ?? 0));
      }),
    );
  });
});

describe("the first sign of life of a check", () => {
  const checks = [check(0, { signOfLife: true }), check(1, { signOfLife: true }), check(2)];
  const saying = (samples: readonly string[]) => (of: { path: number }) => samples[of.path] ?? "";

  it.each([
    ["the first answer of another check", ["", "..A", "A"], 2],
    ["the earliest of several, whatever the answer", ["", ".X", ""], 1],
    ["nothing of a check that is no sign of life", ["", "...", "AAA"], undefined],
    ["nothing of its own", ["AAA", "", ""], undefined],
    ["nothing of a name that did not resolve", ["", "xfn", ""], undefined],
  ])("is %s", (_, samples, expected) => {
    expect(aliveFrom(check(0, { signOfLife: true }), checks, saying(samples))).toBe(expected);
  });

  it("may come from any other check", () => {
    expect(aliveFrom(check(2), checks, saying(["..A", ".A", ""]))).toBe(1);
  });
});
