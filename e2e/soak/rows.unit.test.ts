import { describe, expect, it } from "vitest";

import { optionsFrom } from "./options.ts";
import type { Judged } from "./requests.ts";
import { soakRows, type Soaked } from "./rows.ts";
import type { Point } from "./slope.ts";

const judged = (opinion: Judged["opinion"], reason = "AsExpected"): Judged => ({ opinion, reason, text: "" });
const flat: Point[] = Array.from({ length: 20 }, (_, index) => [index * 30, 100 + (index % 2)]);
const rising: Point[] = flat.map(([time, value]) => [time, value + time / 100]);

const GOOD: Soaked = {
  minutes: 30,
  faults: [],
  policyChanges: 8,
  runs: 2,
  judged: [judged("right"), judged("right"), judged("none", "TargetChanged"), judged("right")],
  unanswered: [],
  last: [judged("right")],
  unexplained: 0,
  leaderChanges: 2,
  leftovers: [],
  resident: flat,
  heap: flat,
};

const missed = (change: Partial<Soaked>): readonly string[] =>
  soakRows({ ...GOOD, ...change })
    .filter(({ isMet }) => !isMet)
    .map(({ title, measured }) => `${title}: ${measured}`);

describe("the table of the soak test", () => {
  it("has no missed aim if nothing went wrong", () => {
    expect(missed({})).toEqual([]);
  });

  it("has the reasons of Inconclusive, which miss no aim", () => {
    const { measured } = soakRows(GOOD).find(({ title }) => title.startsWith("Inconclusive")) ?? {};
    expect(measured).toBe("1 (TargetChanged 1)");
  });

  it("has no aim for memory in a run that is too short for it", () => {
    expect(missed({ minutes: 5, heap: rising, resident: [] })).toEqual([]);
  });

  it.each<[string, Partial<Soaked>, string]>([
    [
      "a wrong verdict",
      { judged: [...GOOD.judged, judged("wrong")] },
      "wrong verdicts of expectations, in 2 runs: 1 of 5 (3 right, 0 while the connection changed, 1 Inconclusive)",
    ],
    [
      "verdicts that could not be wrong",
      { judged: [judged("either"), judged("either"), judged("right")] },
      "wrong verdicts of expectations, in 2 runs: 0 of 3 (1 right, 2 while the connection changed, 0 Inconclusive)",
    ],
    ["a request without an answer", { unanswered: ["soak-7"] }, "requests that were not answered: 1"],
    ["no run after the last fault", { last: [] }, "after the last fault: right verdicts: 0 of 0"],
    [
      "an inconclusive run after the last fault",
      { last: [judged("right"), judged("none")] },
      "after the last fault: right verdicts: 1 of 2",
    ],
    [
      "another leader without a reason",
      { unexplained: 1 },
      "changes of the leader without a killed leader or API server: 1 of 2",
    ],
    [
      "a pod that is left",
      { leftovers: ["soak/probe-red-bcdfghjk-0"] },
      "ProbeRuns, probe pods and witnesses that are left: soak/probe-red-bcdfghjk-0",
    ],
    [
      "memory that grows",
      { heap: rising },
      "its heap after collections, MiB an hour: 36.9 ± 2.4 (20 values, last 107 MiB)",
    ],
    [
      "memory that was not measured",
      { resident: [] },
      "resident memory of the leader, MiB an hour: too few values",
    ],
  ])("misses its aim for %s", (_, change, row) => {
    expect(missed(change)).toEqual([row]);
  });
});

describe("the options of npm run soak", () => {
  it("are half an hour and a seed of the time if left out", () => {
    expect(optionsFrom([], 1_234_567)).toEqual({ minutes: 30, seed: 234_567 });
    expect(optionsFrom(["--minutes", "5", "--seed", "7"], 0)).toEqual({ minutes: 5, seed: 7 });
    expect(optionsFrom(["--help"], 0)).toBe("help");
  });

  it.each([
    [["--minutes", "1"], "--minutes 1 is not a whole number from 2 to 1440: see npm run soak -- --help"],
    [["--minutes", "x"], "--minutes x is not a whole number from 2 to 1440: see npm run soak -- --help"],
    [["--seed", "1.5"], "--seed 1.5 is not a whole number from 0 to 2147483647: see npm run soak -- --help"],
    [["--hours", "1"], "Unknown option '--hours': see npm run soak -- --help"],
  ])("%o are rejected", (args, sentence) => {
    expect(() => optionsFrom(args, 0)).toThrow(sentence);
  });
});
