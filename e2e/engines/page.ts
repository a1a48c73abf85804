import type { EngineName } from "../cluster/build/groups.ts";
import { cell, withLines } from "../runner/page.ts";
import type { Result } from "./results.ts";
import type { Marked } from "./scenarios.ts";

const BEGIN = "<!-- Written by `npm run test:engines` from its last run. Do not edit. -->";

/** A run of the marked scenarios on one engine. */
export interface EngineRun {
  readonly engine: EngineName;
  readonly version: string;
  /** By the paths of their files. */
  readonly results: ReadonlyMap<string, Result>;
}

export interface Runs {
  /** When, and on what: `2026-11-21, Kubernetes 1.36.3, Linux 6.18`. */
  readonly circumstances: string;
  readonly scenarios: readonly Marked[];
  readonly runs: readonly EngineRun[];
}

/** The page with the table of these runs in the place of the last. */
export function withResults(page: string, { circumstances, scenarios, runs }: Runs): string {
  const head = ["what it shows", ...runs.map(({ engine, version }) => `${engine} ${version}`)];
  const rows = scenarios.map((scenario) => [
    `${scenario.shows} ([file](../${scenario.file}))`,
    ...runs.map((run) => outcome(scenario, run)),
  ]);
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`);
  return withLines(page, BEGIN, [`Last run: ${circumstances}.`, "", ...table]);
}

/** What became of a scenario on an engine; what did not run although it should have counts as failed. */
export function outcome({ file, only }: Marked, { engine, results }: EngineRun): string {
  if (only !== undefined && only.engine !== engine) return `does not run: ${only.why}`;
  const result = results.get(file);
  if (result === undefined) return "**did not run**";
  const { passed, failed } = result;
  if (failed.length > 0) return `**failed**: ${failed.join("; ")}`;
  return `passed (${passed} ${passed === 1 ? "test" : "tests"})`;
}
