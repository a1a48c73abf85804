import { expect, it } from "vitest";
import { type LoadMeasured, loadRows } from "./loadRows.ts";

const single = (seconds: number) => ({ seconds, queued: 1, untilRounds: 3 });

const good: LoadMeasured = {
  tests: 200,
  seconds: 300,
  expectations: 400,
  inconclusive: 0,
  failed: 0,
  repeated: 3,
  idle: [single(10)],
  beside: [single(11), single(12), single(30)],
  atOnce: 40,
  restarts: 0,
};

const missed = (measured: LoadMeasured) =>
  loadRows(measured)
    .filter(({ isMet }) => !isMet)
    .map(({ title }) => title);

it("meets all aims if nothing is wrong and the neighbour is not delayed", () => {
  expect(missed(good)).toEqual([]);
});

it.each<[Partial<LoadMeasured>, string[]]>([
  [{ failed: 1 }, ["200 tests due at once: right verdicts"]],
  [{ inconclusive: 1 }, ["200 tests due at once: right verdicts", "Inconclusive"]],
  [{ atOnce: 45 }, ["pods at once"]],
  [{ beside: [single(13.1)] }, ["the single test of another namespace ÷ the same alone"]],
  [{ beside: [] }, ["the single test of another namespace ÷ the same alone"]],
  [{ restarts: 1 }, ["restarts of the operator"]],
])("misses by %j", (fields, titles) => {
  expect(missed({ ...good, ...fields })).toEqual(titles);
});
