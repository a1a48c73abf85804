import { expect, it } from "vitest";

import { matrixTable } from "./matrixTable.ts";

const one = (verdict: number, podCpu: number) => ({
  verdict,
  floor: 2,
  podCpu,
  operatorCpu: 0.5,
  operatorRestarts: 1,
  operatorResident: 100 * 2 ** 20,
  expectations: 81,
  inconclusive: 1,
  failed: 0,
  repeated: 2,
});

it("shows medians of each build, sums of what went wrong, and the ratio to the first build", () => {
  const byBuild = new Map([
    ["at 1a11cf1", [one(40, 20), one(30, 30), one(50, 10)]],
    ["now", [one(20, 5), one(10, 6), one(21, 4)]],
  ]);
  const [, , before, now] = matrixTable([{ title: "matrix", byBuild }]).split("\n");
  expect(before).toBe(
    "| matrix | at 1a11cf1 | 40.00 (30.00…50.00) | 2.00 | 38.00 | 20.00 | 0.50 | 100 | 3 of 243 | 0 | 6 | 3 | 1.00 | 1.00 |",
  );
  expect(now).toBe(
    "| matrix | now | 20.00 (10.00…21.00) | 2.00 | 18.00 | 5.00 | 0.50 | 100 | 3 of 243 | 0 | 6 | 3 | 0.50 | 0.25 |",
  );
});
