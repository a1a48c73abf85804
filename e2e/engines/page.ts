import type { EngineName } from "../cluster/build/groups.ts";
import { cell, withLines } from "../runner/page.ts";
import type { Result } from "./results.ts";
import type { Marked } from "./scenarios.ts";

const BEGIN = "<!-- Written by `npm run test:engines` from its runs. Do not edit. -->";
const NO_RESULT = "**did not run**";

/** An engine, and what a run did on it. */
export interface EngineRun {
  readonly engine: EngineName;
  readonly version: string;
  /** The files that were to run; none on an engine that was left out. */
  readonly chosen: readonly string[];
  /** By the paths of their files. */
  readonly results: ReadonlyMap<string, Result>;
  /** What the machine lacks, because of which nothing ran on this engine; empty where that is not the reason. */
  readonly lacks: readonly string[];
}

export interface Runs {
  /** `2026-11-21` */
  readonly date: string;
  /** `Kubernetes 1.36.3, Linux 6.18` */
  readonly platform: string;
  readonly scenarios: readonly Marked[];
  readonly runs: readonly EngineRun[];
}

/**
 * The page with the results of these runs in its table. A scenario that was not to run keeps the result that the page has,
 * with the date of that, unless it is from another version of the engine. If the page has none, the cell names what the
 * machine lacks for the engine.
 */
export function withResults(page: string, { date, platform, scenarios, runs }: Runs): string {
  const before = cellsOf(page);
  const rows = scenarios.map((scenario) => [
    `${scenario.shows} ([file](../${scenario.file}))`,
    ...runs.map((run) => {
      const kept = before.get(scenario.file)?.get(headOf(run));
      return outcome(scenario, { ...run, date, ...(kept !== undefined && { kept }) });
    }),
  ]);
  const head = ["what it shows", ...runs.map(headOf)];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`);
  return withLines(page, BEGIN, [
    `Last run: ${date}, ${platform}. Each result has the date of its run.`,
    "",
    ...table,
  ]);
}

interface Dated extends EngineRun {
  readonly date: string;
  /** The cell of the page. */
  readonly kept?: string;
}

/** The outcome of a scenario on an engine; what did not run although it should have is marked. */
export function outcome(
  { file, only }: Marked,
  { engine, chosen, results, lacks, date, kept = NO_RESULT }: Dated,
): string {
  if (only !== undefined && only.engine !== engine) return `does not run: ${only.why}`;
  if (!chosen.includes(file))
    return kept === NO_RESULT && lacks.length > 0 ? `not run: needs ${lacks.join(", ")}` : kept;
  const result = results.get(file);
  if (result === undefined) return NO_RESULT;
  const { passed, failed } = result;
  if (failed.length > 0) return `${date}: **failed**: ${failed.join("; ")}`;
  return `${date}: passed (${passed} ${passed === 1 ? "test" : "tests"})`;
}

const headOf = ({ engine, version }: EngineRun) => `${engine} ${version}`;

/** The cells of the page's table, by the files of their rows and the heads of their columns. */
function cellsOf(page: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [, written = ""] = page.split(BEGIN);
  const rows = written
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const [[, ...heads] = []] = rows;
  return new Map(
    rows.map(([shows = "", ...cells]) => {
      const [, file = ""] = /\(\[file\]\(\.\.\/(.*)\)\)$/.exec(shows) ?? [];
      return [file, new Map(heads.map((head, i) => [head, unescaped(cells[i] ?? NO_RESULT)]))] as const;
    }),
  );
}

/** `cell` escapes what it is given: without this, a kept cell would be escaped at each run. */
const unescaped = (text: string) => text.replaceAll(String.raw`\|`, "|");
