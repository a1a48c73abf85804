import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { compareTable, sayingsOf } from "./sayings.ts";
import { sum, type Tally, tallyOf } from "./tally.ts";

/** One step of `npm test`. */
export interface Check {
  readonly title: string;
  readonly run: () => Promise<Tally>;
}

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");

const generated: Check = {
  title: "generated files are fresh",
  run: async () => passes(process.execPath, ["crds/generate.ts", "--check"]),
};
const lint: Check = { title: "lint", run: async () => passes(join(BIN, "oxlint"), ["--deny-warnings"]) };
const format: Check = { title: "format", run: async () => passes(join(BIN, "oxfmt"), ["--check"]) };
const types: Check = { title: "types", run: async () => passes(join(BIN, "tsc"), ["--noEmit"]) };
const unit: Check = { title: "unit tests", run: async () => (await vitest("unit")).tally };
/** The check that needs the embedded cluster. */
export const e2e: Check = {
  title: "e2e tests against the embedded cluster",
  run: async () => {
    const { tally, report } = await vitest("e2e", "node");
    return tally.failed === 0 ? sum([tally, await tableIsFresh(report)]) : tally;
  },
};

/** The checks that need no cluster, the quick ones first. */
export const checks: readonly Check[] = [generated, lint, format, types, unit];

/** A command that is one check by itself. */
async function passes(command: string, args: readonly string[]): Promise<Tally> {
  return (await exitCodeOf(command, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Outside of continuous integration a table that says something else is written anew, to be looked at and committed. */
async function tableIsFresh(report: unknown): Promise<Tally> {
  const write = process.env["CI"] === undefined;
  const differences = await compareTable(sayingsOf(report), { root: ROOT, write });
  for (const line of differences) console.error(line);
  if (differences.length > 0 && write) console.error("it was written anew: look at it and commit it");
  return differences.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

interface Reported {
  readonly tally: Tally;
  /** vitest's JSON report, if there is one. */
  readonly report?: unknown;
}

/** Projects of vitest, counted by its own report; what never came to write a report has failed. */
async function vitest(...projects: readonly string[]): Promise<Reported> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-report-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const code = await exitCodeOf(join(BIN, "vitest"), [
      "run",
      ...projects.map((project) => `--project=${project}`),
      ...reporters,
    ]);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return { tally: { passed: 0, failed: 1 } };
    const parsed: unknown = JSON.parse(text);
    const { passed, failed } = tallyOf(parsed);
    return { tally: { passed, failed: code === 0 ? failed : Math.max(failed, 1) }, report: parsed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command whose output is the reader's to see. */
async function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return promise;
}
