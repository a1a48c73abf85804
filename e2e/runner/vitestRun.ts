import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type FileTime, fileTimesSchema } from "./fileTimes.ts";
import { type TestCounts, testCountsOf } from "./testCounts.ts";

/** The checkout. */
export const ROOT = join(import.meta.dirname, "../..");
/** The programs of its npm packages. */
export const BIN = join(ROOT, "node_modules/.bin");
const TIMES_REPORTER = join(import.meta.dirname, "fileTimesReporter.ts");

export interface Reported {
  readonly counts: TestCounts;
  /** vitest's JSON report, if there is one. */
  readonly report?: unknown;
  /** Of the files that ran; none where vitest did not come to write them. */
  readonly times: readonly FileTime[];
}

interface Selection {
  readonly projects: readonly string[];
  /** Paths in the checkout; left out: all files of the projects. */
  readonly files?: readonly string[];
}

/** A run of vitest, counted by its own report; what never came to write a report has failed. */
export async function vitest({ projects, files = [] }: Selection): Promise<Reported> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-report-"));
  const [reportFile, timesFile] = [join(folder, "report.json"), join(folder, "times.json")];
  try {
    const reporters = [
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportFile}`,
      `--reporter=${TIMES_REPORTER}`,
      `--outputFile.fileTimes=${timesFile}`,
    ];
    const code = await exitCodeOf(join(BIN, "vitest"), [
      "run",
      ...projects.map((project) => `--project=${project}`),
      ...reporters,
      ...files,
    ]);
    const report = await readJson(reportFile);
    const times = fileTimesSchema.parse((await readJson(timesFile)) ?? []);
    if (report === undefined) return { counts: { passed: 0, failed: 1 }, times };
    const { passed, failed } = testCountsOf(report);
    return { counts: { passed, failed: code === 0 ? failed : Math.max(failed, 1) }, report, times };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined: there is no such file. */
async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Runs a command whose output is the reader's to see. */
export async function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return promise;
}
