import { randomUUID } from "node:crypto";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { formatDuration } from "../crds/duration.ts";
import { isForbidden } from "../operator/runtime/apiError.ts";
import { applyTest } from "./applyTest.ts";
import { awaitResults, type JudgedTest } from "./awaitResults.ts";
import { CliError } from "./clusterError.ts";
import { selectedTests, withSentence, type CommandContext } from "./commandContext.ts";
import { firstTests } from "./init/firstTests.ts";
import { readNamespace } from "./init/readNamespace.ts";
import { testText } from "./init/testText.ts";
import { EXIT_CODES, type ExitCode } from "./judgement.ts";
import { testMatrix } from "./matrix.ts";
import { createProgress } from "./progress.ts";
import { formatReport, type ReportFormat } from "./report/formats.ts";
import { requestRun } from "./requestRun.ts";
import { readTests, selectionSubject, subjectOf } from "./selection.ts";
import { reportOf } from "../operator/status/report/testReport.ts";
import { writeTextFile } from "./textFile.ts";

/** `run`: applies the tests of the files, requests a run of each test, and waits for the results. Throws CliError. */
export async function runTests(context: CommandContext, timeoutMs: number): Promise<ExitCode> {
  for (const manifest of context.manifests) await applyTest(context, manifest);
  const tests = await selectedTests(context);
  const token = `netverdict-${randomUUID()}`;
  const request = async (test: ConnectivityTest) =>
    withSentence(context, subjectOf(test.metadata), async () => requestRun(context.api, test, token));
  await Promise.all(tests.map(request));
  return finish(context, { tests, timeoutMs, token });
}

/** `wait`: waits for a verdict of each test, and requests nothing. Throws CliError. */
export async function waitForTests(context: CommandContext, timeoutMs: number): Promise<ExitCode> {
  return finish(context, { tests: await selectedTests(context), timeoutMs });
}

/** `get`: prints the expectations of each test, expected against actual. Throws CliError. */
export async function printTests(context: CommandContext): Promise<ExitCode> {
  const { terminal, now } = context;
  const tests = await selectedTests(context);
  terminal.print(tests.map((test) => testMatrix(test, now(), terminal)).join("\n\n"));
  return EXIT_CODES.Passed;
}

/** `init`: prints a first test for each workload of the namespace, or writes them to a file. Throws CliError. */
export async function initTests(context: CommandContext, output: string | undefined): Promise<ExitCode> {
  const { api, selection, terminal } = context;
  if (selection === "All" || "tests" in selection)
    throw new CliError("init: it is for one namespace. Use --namespace.");
  const { namespace } = selection;
  const subject = `Namespace ${namespace}`;
  const objects = await withSentence(context, subject, async () =>
    readNamespace(api, namespace).catch((error: unknown) => {
      if (!isForbidden(error)) throw error;
      throw new CliError(`${subject}: ${error.message}. Bind the role view of this namespace to this user.`);
    }),
  );
  const { tests, notes } = firstTests(objects);
  if (tests.length === 0) {
    const why = notes.map((note) => ` (${note.replace(/\.$/, "")})`).join("");
    throw new CliError(
      `${subject}: no workload there is a source of a Service of another workload${why}. Write a test by hand.`,
    );
  }
  const text = testText({ tests, notes: [...objects.notes, ...notes] }, namespace);
  if (output === undefined) terminal.print(text.trimEnd());
  else await writeTextFile(output, text);
  return EXIT_CODES.Passed;
}

interface ReportTarget {
  readonly format: ReportFormat;
  /** The file to write; undefined: the standard output. */
  readonly output: string | undefined;
}

/** `report`: writes a report of the tests. Throws CliError. */
export async function reportTests(
  context: CommandContext,
  { format, output }: ReportTarget,
): Promise<ExitCode> {
  const report = await reportOf(await selectedTests(context), context.now());
  const text = await formatReport(report, format);
  if (output === undefined) context.terminal.print(text);
  else await writeTextFile(output, `${text}\n`);
  return EXIT_CODES.Passed;
}

interface Awaited {
  readonly tests: readonly ConnectivityTest[];
  readonly timeoutMs: number;
  readonly token?: string;
}

/** Waits, and writes a sentence for each test that has no result to standard error. */
async function finish(context: CommandContext, awaited: Awaited): Promise<ExitCode> {
  const { api, selection, terminal, clock, now } = context;
  const progress = createProgress(terminal, clock);
  let last: readonly JudgedTest[] = [];
  const report = (judged: readonly JudgedTest[]) => {
    last = judged;
    progress(judged);
  };
  const code = await withSentence(context, selectionSubject(selection), async () =>
    awaitResults({
      ...awaited,
      read: async () => readTests(api, selection),
      request: async (test) => requestRun(api, test, awaited.token ?? ""),
      report,
      clock,
      now,
    }),
  );
  for (const sentence of sentencesOf(last, code, awaited.timeoutMs)) terminal.printError(sentence);
  return code;
}

const AFTER_TIMEOUT = "Check that the operator is running, or use a longer --timeout.";

function sentencesOf(judged: readonly JudgedTest[], code: ExitCode, timeoutMs: number): string[] {
  return judged.flatMap(({ test, judgement: { state, message } }) => {
    const subject = subjectOf(test.metadata);
    if (state === "Error") return [`${subject}: ${message}.`];
    if (state !== "Waiting") return [];
    return code === EXIT_CODES.TimedOut
      ? [`${subject}: no result within ${formatDuration(timeoutMs)}: ${message}. ${AFTER_TIMEOUT}`]
      : [`${subject}: it had no result yet when the command ended. Run it again for all results.`];
  });
}
