import { expect, it } from "vitest";
import type { PhaseCost } from "./operatorProcess.ts";
import { type ScaleMeasured, scaleRows } from "./scaleRows.ts";

const cost: PhaseCost = { seconds: 10, cpuSeconds: 0.4, megabytes: 300, p99: 20, longest: 40, requests: 30 };
const good: ScaleMeasured = {
  synced: cost,
  first: cost,
  idle: cost,
  due: cost,
  policy: cost,
  withPods: cost,
  idleWithPods: cost,
  idleSeconds: 60,
};

it("has a ratio for each figure if there is a build before", () => {
  const [synced] = scaleRows(good, { ...good, synced: { ...cost, seconds: 20 } });
  expect(synced).toEqual({
    cells: ["10,000 suspended tests: synced, s", "20.0", "10.0", "0.50", "≤ 15"],
    isMet: true,
  });
  expect(scaleRows(good, undefined)[0]?.cells).toEqual([
    "10,000 suspended tests: synced, s",
    "",
    "10.0",
    "",
    "≤ 15",
  ]);
});

it.each<[Partial<ScaleMeasured>, string[]]>([
  [{}, []],
  [{ synced: { ...cost, seconds: 16 } }, ["10,000 suspended tests: synced, s"]],
  [{ idle: { ...cost, requests: 61 } }, ["nothing due: requests a second"]],
  [{ policy: { ...cost, cpuSeconds: 1.1 } }, ["a policy that these 2,000 depend on: CPU, s"]],
])("misses by %j", (fields, titles) => {
  const missed = scaleRows({ ...good, ...fields }, undefined).filter(({ isMet }) => !isMet);
  expect(missed.map(({ cells: [title] }) => title)).toEqual(titles);
});
