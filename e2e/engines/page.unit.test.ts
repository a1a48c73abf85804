import { expect, it } from "vitest";

import { type EngineRun, outcome, withResults } from "./page.ts";
import type { Marked } from "./scenarios.ts";

const ping: Marked = { file: "e2e/ping.test.ts", shows: "ping | denied" };
const felix: Marked = { ...ping, only: { engine: "calico", why: "it stops felix" } };
const runOf = (engine: "calico" | "cilium", results: EngineRun["results"] = new Map()): EngineRun => ({
  engine,
  version: "1.2.3",
  results,
});
const went = (failed: readonly string[], passed = 1) =>
  runOf("cilium", new Map([[ping.file, { passed, failed }]]));

const cases: readonly (readonly [what: string, scenario: Marked, run: EngineRun, cell: string])[] = [
  ["one that passed", ping, went([]), "passed (1 test)"],
  ["one of several tests", ping, went([], 4), "passed (4 tests)"],
  ["one that failed, with the names", ping, went(["a", "b"]), "**failed**: a; b"],
  ["one that is another engine's, with the reason", felix, runOf("cilium"), "does not run: it stops felix"],
  ["one that should have run", felix, runOf("calico"), "**did not run**"],
];

it.for(cases)("reports %s", ([, scenario, run, cell]) => {
  expect(outcome(scenario, run)).toBe(cell);
});

it("writes the table behind the words of the page, in the place of the last", () => {
  const runs = { circumstances: "today", scenarios: [ping], runs: [runOf("calico"), went([])] };
  const page = withResults("# Engines\n\n", runs);
  expect(page).toMatch(/^# Engines\n\n<!--/);
  expect(page).toContain(
    [
      "Last run: today.",
      "",
      "| what it shows | calico 1.2.3 | cilium 1.2.3 |",
      "| --- | --- | --- |",
      String.raw`| ping \| denied ([file](../e2e/ping.test.ts)) | **did not run** | passed (1 test) |`,
    ].join("\n"),
  );
  expect(withResults(page, runs)).toBe(page);
});
