import { expect, it } from "vitest";
import { type LeaseMeasured, leaseRows } from "./leaseRows.ts";

const good: LeaseMeasured = {
  minutes: 10,
  requests: 370,
  holders: 1,
  gap: 2.4,
  restarts: 0,
  runs: ["Passed 128/128", "Passed 128/128"],
  cpuSeconds: 60,
  residentBytes: 150 * 2 ** 20,
};

const missed = (fields: Partial<LeaseMeasured>) =>
  leaseRows({ ...good, ...fields })
    .filter(({ isMet }) => !isMet)
    .map(({ title }) => title);

it("states what the operator has used, a tenth of a processor and 150 MiB", () => {
  expect(leaseRows(good).map(({ measured }) => measured)).toEqual([
    "370",
    "1",
    "0",
    "2.4 s",
    "Passed 128/128",
    "100m",
    "150 MiB",
  ]);
});

it.each<[Partial<LeaseMeasured>, string[]]>([
  [{}, []],
  [{ holders: 2 }, ["processes that held the Lease"]],
  [{ restarts: 1 }, ["restarts of the operator"]],
  [{ gap: 10 }, ["longest time between two renewals"]],
])("misses by %j", (fields, titles) => {
  expect(missed(fields)).toEqual(titles);
});
