import { expect, it } from "vitest";

import { sum, testCountsLine, testCountsOf } from "./testCounts.ts";

const green = { success: true, numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

it.each([
  ["all passed", green, "5 passed, 0 failed"],
  ["one failed", { ...green, success: false, numFailedTests: 1 }, "5 passed, 1 failed"],
  ["one was skipped", { ...green, numPendingTests: 1 }, "5 passed, 1 failed"],
  ["one is still to be written", { ...green, numTodoTests: 1 }, "5 passed, 1 failed"],
  ["a file could not be loaded", { ...green, success: false }, "5 passed, 1 failed"],
])("counts what did not run as failed: %s", (_, report, line) => {
  expect(testCountsLine(testCountsOf(report))).toBe(line);
});

it("refuses a report that is none", () => {
  expect(() => testCountsOf({ success: true })).toThrow(/numPassedTests/);
});

it("adds up", () => {
  const tallies = [
    { passed: 1, failed: 0 },
    { passed: 5, failed: 2 },
  ];
  expect(sum(tallies)).toEqual({ passed: 6, failed: 2 });
});
