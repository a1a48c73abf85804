import { keyOf } from "../crds/metadata.ts";
import { CliError } from "./clusterError.ts";
import { EXIT_CODES, type ExitCode } from "./judgement.ts";
import { lintManifest } from "./manifests/lint.ts";
import type { FileProblem } from "./manifests/manifest.ts";
import { testManifests, type NamespaceChoice, type TestManifest } from "./manifests/testManifest.ts";
import type { Terminal } from "./terminal.ts";
import { readTextFile, type ReadStandardInput } from "./textFile.ts";

/** Returns the tests of all files. Throws CliError with the first thing that is wrong in one of them. */
export async function readTestFiles(
  files: readonly string[],
  choice: NamespaceChoice,
  readStandardInput: ReadStandardInput,
): Promise<TestManifest[]> {
  const manifests: TestManifest[] = [];
  for (const file of files) {
    const { tests, problems } = testManifests(await readTextFile(file, readStandardInput), choice);
    const [problem] = problems;
    if (problem) throw new CliError(problemLine(file, problem));
    const known = new Set(manifests.map(({ key }) => keyOf(key)));
    const twice = tests.find(({ key }) => known.has(keyOf(key)));
    if (twice) throw new CliError(`${file}: an earlier file has the test ${twice.key.name} too. Remove one.`);
    manifests.push(...tests);
  }
  return manifests;
}

export interface LintOutput {
  readonly readStandardInput: ReadStandardInput;
  readonly terminal: Terminal;
}

/** `lint`: prints what is wrong in each file, or how much was checked. Throws CliError if a file cannot be read. */
export async function lintFiles(
  files: readonly string[],
  { readStandardInput, terminal }: LintOutput,
): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.Passed;
  for (const file of files) {
    const { problems, checked, skipped } = lintManifest(await readTextFile(file, readStandardInput));
    for (const problem of problems) terminal.print(problemLine(file, problem));
    if (problems.length > 0) code = EXIT_CODES.Error;
    else terminal.print(`${file}: no problem in ${counted(checked, "object")}${skippedText(skipped)}`);
  }
  return code;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const skippedText = (skipped: number) =>
  skipped === 0 ? "" : `; ${counted(skipped, "object")} of other kinds not checked`;

/** `tests.yaml:3:5: it is no object of Kubernetes. …` */
export const problemLine = (file: string, { line, column, sentence }: FileProblem) =>
  `${file}:${line}:${column}: ${sentence}`;
