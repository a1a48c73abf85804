import { expect, it } from "vitest";
import { startTable } from "./startTable.ts";

const costs = (...cpu: readonly number[]) => cpu.map((cpuSeconds) => ({ cpuSeconds, megabytes: 80 }));

it("has the medians of both builds, and their ratio", () => {
  const rows = [{ program: "runner", before: costs(0.9, 0.2, 0.3), now: costs(0.09, 0.02, 0.07) }] as const;
  expect(startTable(rows, "1367ab1").split("\n")).toEqual([
    "| program | resource | at 1367ab1 | now | ratio |",
    "| --- | --- | ---: | ---: | ---: |",
    "| runner | CPU s | 0.300 | 0.070 | 0.23 |",
    "| runner | memory MB | 80.0 | 80.0 | 1.00 |",
  ]);
});
