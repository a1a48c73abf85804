import { expect, it } from "vitest";
import { cpuTable, isMet, type Row } from "./rows.ts";

const row = (fields: Partial<Row>): Row => ({
  work: "plan",
  size: "5,000 pods",
  now: 1,
  aim: { ms: 50 },
  ...fields,
});

it.each<[string, Partial<Row>, boolean | undefined]>([
  ["at most so many milliseconds, and is", { now: 50 }, true],
  ["at most so many milliseconds, and is not", { now: 50.1 }, false],
  ["a part of what the build before takes, and is", { before: 100, now: 2, aim: { ratio: 0.02 } }, true],
  ["a part of what the build before takes, and is not", { before: 100, now: 3, aim: { ratio: 0.02 } }, false],
  ["a part of what was not measured", { aim: { ratio: 0.02 } }, undefined],
])("an aim is met where the work is to take %s", (_, fields, met) => {
  expect(isMet(row(fields))).toBe(met);
});

it("the table has the ratio beside both times, and marks an aim that is missed", () => {
  const [, , line = ""] = cpuTable([row({ before: 200, now: 10, aim: { ratio: 0.02 } })]).split("\n");
  expect(line).toBe("| plan | 5,000 pods | 200 | 10 | 0.05 | 0.02 × before | **no** |");
});
