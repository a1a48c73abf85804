import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Durations, isOutdated, longestFirst, makespan, WORKERS } from "./schedule.ts";

const ordered = (files: readonly string[], durations: Durations) =>
  longestFirst(files, { pathOf: (file) => file, durations });

describe("the order of files", () => {
  it.each([
    ["the longest first", ["a", "b", "c"], { a: 5, b: 30, c: 10 }, ["b", "c", "a"]],
    ["unknown ones before all others", ["a", "new", "b"], { a: 5, b: 30 }, ["new", "b", "a"]],
    ["equally long ones as they were", ["b", "a", "c"], { a: 5, b: 5, c: 5 }, ["b", "a", "c"]],
    ["unknown ones as they were", ["z", "a", "y"], { a: 5 }, ["z", "y", "a"]],
    [
      "a file that took no time is not unknown",
      ["none", "a", "new"],
      { none: 0, a: 5 },
      ["new", "a", "none"],
    ],
    ["no files", [], { a: 5 }, []],
  ])("%s", (...[, files, durations, wanted]) => {
    expect(ordered(files, durations)).toEqual(wanted);
  });

  const seconds = fc.integer({ min: 0, max: 300 });
  const files = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 40 });
  const input = files.chain((names) =>
    fc.record({
      names: fc.constant(names),
      durations: fc.dictionary(fc.constantFrom("other", ...names), seconds),
    }),
  );

  it("for all files and durations: it has the same files, and none precedes a longer or an unknown one", () => {
    fc.assert(
      fc.property(input, ({ names, durations }) => {
        const order = ordered(names, durations);
        expect(order.toSorted()).toEqual(names.toSorted());
        const places = order.map((file) => durations[file] ?? Infinity);
        expect(places).toEqual(places.toSorted((one, other) => other - one || 0));
      }),
    );
  });

  it("for all files and durations: equally long files, and unknown ones, keep their order", () => {
    fc.assert(
      fc.property(input, ({ names, durations }) => {
        const alike = (all: readonly string[]) => Map.groupBy(all, (file) => durations[file]);
        const after = alike(ordered(names, durations));
        for (const [duration, before] of alike(names)) expect(after.get(duration)).toEqual(before);
      }),
    );
  });
});

describe("the end of the last file", () => {
  it.each([
    ["one worker takes one after another", [5, 30, 10], 1, 45],
    ["the longest last runs on alone", [10, 10, 30], 2, 40],
    ["the longest first does not", [30, 10, 10], 2, 30],
    ["more workers than files", [5, 30], 5, 30],
    ["nothing to do", [], 5, 0],
  ])("%s", (...[, durations, workers, wanted]) => {
    expect(makespan(durations, workers)).toBe(wanted);
  });

  it("for all durations: never before the workers could have done it, nor later than the longest file beyond that", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (durations, workers) => {
          const share = durations.reduce((sum, each) => sum + each, 0) / workers;
          const longest = Math.max(...durations);
          const end = makespan(durations, workers);
          expect(end).toBeGreaterThanOrEqual(Math.max(share, longest) - 1e-9);
          expect(end).toBeLessThanOrEqual(share + longest * (1 - 1 / workers) + 1e-9);
        },
      ),
    );
  });
});

describe("recorded durations", () => {
  /** As many short files as the workers need for 100 s, and a long one. */
  const short = Object.fromEntries(Array.from({ length: 10 * WORKERS }, (_, at) => [`short-${at}`, 10]));
  const measured = { ...short, long: 80 };

  it.each([
    ["stay where they are the same", measured, false],
    ["stay where all takes twice as long", scaled(measured, 2), false],
    ["stay where the order they give is as good", { ...measured, long: 12 }, false],
    ["are outdated where the longest file is taken for the shortest", { ...measured, long: 1 }, true],
    ["are outdated where a file is missing", short, true],
    ["are outdated where a file is no more", { ...measured, gone: 10 }, true],
    ["are outdated where a file has another name", { ...short, renamed: 80 }, true],
  ])("%s", (_, recorded, wanted) => {
    expect(isOutdated(recorded, measured)).toBe(wanted);
  });
});

function scaled(durations: Durations, factor: number): Durations {
  return Object.fromEntries(Object.entries(durations).map(([file, seconds]) => [file, factor * seconds]));
}
