import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeSample } from "./samples.ts";
import { settle } from "./settle.ts";
import type { SourceEvidence } from "./sourceEvidence.ts";

const limits = { rounds: 3, deniedRounds: 5, maxRounds: 15 };
const settled = (samples: string, alive: number | undefined = 0) =>
  settle({ ...limits, samples, sourceEvidence: { observed: { from: alive, to: samples.length } } });
const by = (samples: string, sourceEvidence: SourceEvidence) =>
  settle({ ...limits, samples, sourceEvidence });

describe("what settles", () => {
  it.each([
    [
      "three answers",
      "AAA",
      { actual: "Allowed", outcome: "Answered", matchesRequest: true, from: 0, to: 2 },
    ],
    [
      "wrong answers that agree",
      "aca",
      { actual: "Allowed", outcome: "Answered", matchesRequest: false, from: 0, to: 2 },
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

describe("a denial and the first proof of the source", () => {
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

  it("needs twice the rounds where there is none, and proves nothing", () => {
    expect(by(".........", {})).toMatchObject({ state: "Unsettled" });
    expect(by("..........", {})).toMatchObject({ state: "Settled", alive: "None", from: 0, to: 9 });
  });

  it("counts only rounds up to the last, and settles without proof where these are too few", () => {
    expect(by("........", { observed: { from: 0, to: 4 } })).toMatchObject({
      alive: "Observed",
      from: 0,
      to: 4,
    });
    expect(by("........", { observed: { from: 0, to: 3 } })).toMatchObject({ alive: "None", from: 3, to: 7 });
    expect(by("....", { observed: { from: 0, to: 3 } })).toMatchObject({ state: "Unsettled" });
  });

  it("means nothing to an answer", () => {
    expect(settled("CCC", 14)).toMatchObject({ state: "Settled", actual: "Allowed" });
  });

  it("is unsettled, not starved, when it came too late", () => {
    expect(settled("...............", 13)).toEqual({ state: "Unsettled", sometimesAllowed: false });
  });
});

describe("a denial and the contacts of the node", () => {
  const denials = (count: number) => ".".repeat(count);

  it.for([
    ["nine rounds between them are too few", denials(9), { from: 0, to: 8 }, undefined],
    ["ten are enough", denials(10), { from: 0, to: 9 }, { alive: "NodeContact", from: 0, to: 9 }],
    [
      "none before the first counts",
      denials(14),
      { from: 4, to: 13 },
      { alive: "NodeContact", from: 4, to: 13 },
    ],
    [
      "none after the last counts",
      denials(13),
      { from: 1, to: 10 },
      { alive: "NodeContact", from: 1, to: 10 },
    ],
    ["they stop", denials(15), { from: 1, to: 3 }, { alive: "None", from: 5, to: 14 }],
    ["they come too late", denials(15), { from: 7, to: 14 }, { alive: "None", from: 5, to: 14 }],
    ["the last of more count", denials(15), { from: 0, to: 12 }, { alive: "NodeContact", from: 3, to: 12 }],
    [
      "errors count for nothing",
      "E....E......",
      { from: 0, to: 11 },
      { alive: "NodeContact", from: 1, to: 11 },
    ],
    ["an answer after the last undoes it", `${denials(11)}A`, { from: 0, to: 10 }, undefined],
  ] as const)("%s: %s", ([, samples, contact, expected]) => {
    expect(by(samples, { contact })).toMatchObject(
      expected === undefined ? { state: "Unsettled" } : { state: "Settled", actual: "Denied", ...expected },
    );
  });

  it("are second to another check that got through", () => {
    const contact = { from: 0, to: 14 };
    expect(by(denials(10), { observed: { from: 2, to: 9 }, contact })).toMatchObject({
      alive: "Observed",
      from: 5,
      to: 9,
    });
    expect(by(denials(14), { observed: { from: 12, to: 13 }, contact })).toMatchObject({
      alive: "NodeContact",
      from: 4,
      to: 13,
    });
  });

  it("mean nothing to an answer", () => {
    expect(by("CCC", { contact: { from: 9, to: 14 } })).toMatchObject({
      actual: "Allowed",
      alive: "Observed",
    });
  });

  it("count for a name that did not resolve as for a denial", () => {
    expect(by("nnnnnnnnnn", { contact: { from: 0, to: 9 } })).toMatchObject({
      actual: "Unknown",
      alive: "NodeContact",
    });
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
const stretch = fc.option(fc.record({ from: fc.nat({ max: 10 }), to: fc.nat({ max: 60 }) }), {
  nil: undefined,
});
const input = fc
  .record({
    samples: samplesOf,
    rounds: fc.integer({ min: 1, max: 10 }),
    deniedRounds: fc.integer({ min: 2, max: 15 }),
    sourceEvidence: fc.record({
      observed: stretch,
      contact: stretch,
    }),
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

  it("the deciding rounds and all after them say the same", () => {
    fc.assert(
      fc.property(input, (drawn) => {
        const settlement = settle(drawn);
        fc.pre(settlement.state === "Settled");
        const { from, to, since, actual, outcome } = settlement;
        const after = telling(drawn.samples.slice(to + 1)).map(describeSample);
        const deciding = telling(drawn.samples.slice(from, to + 1)).map(describeSample);
        expect(since).toBeLessThanOrEqual(from);
        expect([...deciding, ...after].every((each) => each.actual === actual)).toBe(true);
        expect(deciding.at(-1)?.outcome).toBe(outcome);
      }),
    );
  });

  it("no round of a denial lies before the first proof of the source that it depends on, nor after the last", () => {
    const met = { Observed: 0, NodeContact: 0, None: 0 };
    fc.assert(
      fc.property(input, (drawn) => {
        const settlement = settle(drawn);
        fc.pre(settlement.state === "Settled" && settlement.actual !== "Allowed");
        const { alive, from, to } = settlement;
        const { observed, contact } = drawn.sourceEvidence;
        const since = observed ?? { from: 0 };
        const double = 2 * drawn.deniedRounds;
        const [first, last, needed] = {
          Observed: [since.from, observed?.to, drawn.deniedRounds],
          NodeContact: [contact?.from, contact?.to, double],
          None: [since.from, Infinity, observed ? drawn.deniedRounds : double],
        }[alive];
        met[alive] += 1;
        expect(telling(drawn.samples.slice(from, to + 1))).toHaveLength(needed ?? NaN);
        expect(from).toBeGreaterThanOrEqual(first ?? Infinity);
        expect(to).toBeLessThanOrEqual(last ?? -1);
      }),
      { numRuns: 500 },
    );
    expect(Object.values(met)).not.toContain(0);
  });
});
