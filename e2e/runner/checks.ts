import { join } from "node:path";

import { recordDurations } from "./durations.ts";
import { compareTable, reportedCasesOf } from "./falseDenialTable.ts";
import { slowest } from "./slowest.ts";
import { sum, type TestCounts } from "./testCounts.ts";
import { BIN, exitCodeOf, ROOT, vitest } from "./vitestRun.ts";

/** One step of `npm test`. */
export interface Check {
  readonly title: string;
  readonly run: () => Promise<TestCounts>;
}

/** Outside of continuous integration a run may write into the checkout, for its developer to look at and commit. */
const mayWrite = process.env["CI"] === undefined;

const generated: Check = {
  title: "generated files are fresh",
  run: async () => passes(process.execPath, ["crds/generator/generate.ts", "--check"]),
};
const lint: Check = { title: "lint", run: async () => passes(join(BIN, "oxlint"), ["--deny-warnings"]) };
const format: Check = { title: "format", run: async () => passes(join(BIN, "oxfmt"), ["--check"]) };
const types: Check = { title: "types", run: async () => passes(join(BIN, "tsc"), ["--noEmit"]) };
const unit: Check = { title: "unit tests", run: async () => (await vitest({ projects: ["unit"] })).counts };
/** The check that needs the embedded cluster. */
export const e2e: Check = {
  title: "e2e tests against the embedded cluster",
  run: async () => {
    const { counts, report, times } = await vitest({ projects: ["e2e", "node", "browser"] });
    for (const line of slowest(times)) console.log(line);
    if (counts.failed > 0) return counts;
    if (mayWrite && recordDurations(times))
      console.error(
        "e2e/runner/durations.json, which the order of files follows from, was rewritten: commit it",
      );
    return sum([counts, await tableIsFresh(report)]);
  },
};

/** The checks that need no cluster, the quick ones first. */
export const checks: readonly Check[] = [generated, lint, format, types, unit];

/** A command that is one check by itself. */
async function passes(command: string, args: readonly string[]): Promise<TestCounts> {
  return (await exitCodeOf(command, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Outside of continuous integration a table that says something else is rewritten, to be checked and committed. */
async function tableIsFresh(report: unknown): Promise<TestCounts> {
  const differences = await compareTable(reportedCasesOf(report), { root: ROOT, write: mayWrite });
  for (const line of differences) console.error(line);
  if (differences.length > 0 && mayWrite) console.error("it was rewritten: check it and commit it");
  return differences.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
