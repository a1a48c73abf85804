import { expect, it } from "vitest";

import { resultsOf } from "./results.ts";

const test = (fullName: string, status: string) => ({ fullName, status });
const file = (status: string, ...assertionResults: readonly object[]) => ({
  testResults: [{ name: "/checkout/e2e/a.test.ts", status, assertionResults }],
});

it.each([
  ["all passed", file("passed", test("a", "passed"), test("b", "passed")), { passed: 2, failed: [] }],
  ["one failed", file("failed", test("a", "passed"), test("b", "failed")), { passed: 1, failed: ["b"] }],
  ["one was skipped", file("passed", test("a", "skipped")), { passed: 0, failed: ["a"] }],
  ["it could not be loaded", file("failed"), { passed: 0, failed: ["the file itself"] }],
])("a file of which %s", (_, report, wanted) => {
  expect(resultsOf(report, "/checkout")).toEqual(new Map([["e2e/a.test.ts", wanted]]));
});
