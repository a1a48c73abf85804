import { expect, it } from "vitest";

import { type EngineRun, outcome, type Runs, withResults } from "./page.ts";
import type { Marked } from "./scenarios.ts";

const ping: Marked = { file: "e2e/ping.test.ts", shows: "ping | denied" };
const felix: Marked = { ...ping, only: { engine: "calico", why: "it stops felix" } };
const leftOut = (engine: "calico" | "cilium"): EngineRun => ({
  engine,
  version: "1.2.3",
  chosen: [],
  results: new Map(),
  lacks: [],
});
const lost = (engine: "calico" | "cilium"): EngineRun => ({ ...leftOut(engine), chosen: [ping.file] });
const went = (failed: readonly string[], passed = 1): EngineRun => ({
  ...lost("cilium"),
  results: new Map([[ping.file, { passed, failed }]]),
});

const cases: readonly (readonly [what: string, scenario: Marked, run: EngineRun, cell: string])[] = [
  ["one that passed", ping, went([]), "today: passed (1 test)"],
  ["one of several tests", ping, went([], 4), "today: passed (4 tests)"],
  ["one that failed, with the names", ping, went(["a", "b"]), "today: **failed**: a; b"],
  ["one that is another engine's, with the reason", felix, lost("cilium"), "does not run: it stops felix"],
  ["one that should have run", felix, lost("calico"), "**did not run**"],
  ["one that was left out, as before", ping, leftOut("cilium"), "yesterday: passed (1 test)"],
];

it.for(cases)("reports %s", ([, scenario, run, cell]) => {
  expect(outcome(scenario, { ...run, date: "today", kept: "yesterday: passed (1 test)" })).toBe(cell);
});

it("reports one that was left out and never ran", () => {
  expect(outcome(ping, { ...leftOut("cilium"), date: "today" })).toBe("**did not run**");
});

it("reports one that never ran on an engine with what the machine lacks for it, and keeps a result from elsewhere", () => {
  const unfit = { ...leftOut("cilium"), lacks: ["CONFIG_NFT_QUEUE"], date: "today" };
  expect(outcome(ping, unfit)).toBe("not run: needs CONFIG_NFT_QUEUE");
  expect(outcome(ping, { ...unfit, kept: "not run: needs CONFIG_NFT_QUEUE" })).toBe(outcome(ping, unfit));
  expect(outcome(ping, { ...unfit, kept: "yesterday: passed (1 test)" })).toBe("yesterday: passed (1 test)");
  expect(outcome(felix, unfit)).toBe("does not run: it stops felix");
});

const runs: Runs = {
  date: "2026-11-21",
  platform: "Linux 6.18",
  scenarios: [ping],
  runs: [lost("calico"), went(["a | b"])],
};
const HEAD = "| what it shows | calico 1.2.3 | cilium 1.2.3 |";
const SHOWS = String.raw`ping \| denied ([file](../e2e/ping.test.ts))`;

it("writes the table behind the words of the page, in the place of the last", () => {
  const page = withResults("# Engines\n\n", runs);
  expect(page).toMatch(/^# Engines\n\n<!--/);
  expect(page).toContain(
    [
      "Last run: 2026-11-21, Linux 6.18. Each result has the date of its run.",
      "",
      HEAD,
      "| --- | --- | --- |",
      String.raw`| ${SHOWS} | **did not run** | 2026-11-21: **failed**: a \| b |`,
    ].join("\n"),
  );
  expect(withResults(page, runs)).toBe(page);
});

it("keeps the results of what was left out, with their date", () => {
  const calico = { ...went([]), engine: "calico" } as const;
  const next = { ...runs, date: "2026-11-22", runs: [calico, leftOut("cilium")] };
  expect(withResults(withResults("", runs), next)).toContain(
    String.raw`| ${SHOWS} | 2026-11-22: passed (1 test) | 2026-11-21: **failed**: a \| b |`,
  );
});

it("keeps no result of another version of the engine", () => {
  const next = { ...runs, runs: [lost("calico"), { ...leftOut("cilium"), version: "1.3.0" }] };
  expect(withResults(withResults("", runs), next)).toContain(
    `| ${SHOWS} | **did not run** | **did not run** |`,
  );
});
