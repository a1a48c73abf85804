import { expect, it } from "vitest";
import type { Measured } from "./measure.ts";
import { table } from "./table.ts";

const measured = (overhead: number): Measured => ({
  expectations: 20,
  probePods: 2,
  paths: 40,
  verdict: 9 + overhead,
  floor: 3,
  window: 6,
  overhead,
  requests: 10,
  operatorCpu: 0.5,
  operatorResident: 100 * 2 ** 20,
  probeErrors: 0,
});

it("shows the run of median overhead beside the range of all, as ratios to floor and window", () => {
  const [, , row = ""] = table([[measured(0.9), measured(0.3), measured(1.5)]]).split("\n");
  const cells = row.split("|").map((cell) => cell.trim());
  expect(cells).toContain("0.90 (0.30…1.50)");
  expect(cells).toContain("1.10");
  expect(cells).toContain("0.50");
});

it("has a row for each size that was measured, and none for one that was not", () => {
  expect(table([[measured(1)], [], [measured(2)]]).split("\n")).toHaveLength(4);
});
