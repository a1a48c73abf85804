import * as fc from "fast-check";
import { expect, it } from "vitest";

import type { FileTime } from "./fileTimes.ts";
import { slowest } from "./slowest.ts";

const file = (path: string, seconds: number, tests: FileTime["tests"] = []): FileTime => ({
  path,
  seconds,
  tests,
});

it("names the slowest first, with the longest of its tests, or its hooks where they took longest", () => {
  const times = [
    file("e2e/a.test.ts", 44.6, [
      { name: "one", seconds: 10 },
      { name: "two", seconds: 31.4 },
    ]),
    file("e2e/b.test.ts", 119, [{ name: "three", seconds: 0.02 }]),
  ];
  expect(slowest(times)).toEqual([
    "the 2 slowest files of scenarios, each with what took longest in it:",
    "  119 s  e2e/b.test.ts",
    "         119 s  outside of its tests: hooks and loading",
    "   45 s  e2e/a.test.ts",
    "          31 s  two",
  ]);
});

it("says nothing where nothing ran", () => {
  expect(slowest([])).toEqual([]);
});

it("for all times: ten files, none of which was faster than one that is not named", () => {
  const times = fc.uniqueArray(fc.record({ path: fc.uuid(), seconds: fc.nat({ max: 999 }) }), {
    minLength: 11,
    selector: ({ path }) => path,
  });
  fc.assert(
    fc.property(times, (all) => {
      const lines = slowest(all.map(({ path, seconds }) => file(path, seconds))).join("\n");
      const [named, others] = [true, false].map((isNamed) =>
        all.filter(({ path }) => lines.includes(path) === isNamed).map(({ seconds }) => seconds),
      );
      expect(named).toHaveLength(10);
      expect(Math.min(...(named ?? []))).toBeGreaterThanOrEqual(Math.max(...(others ?? [])));
    }),
  );
});
