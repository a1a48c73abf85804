import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { judgeGoal } from "../operator/status/judgement.ts";
import { CliError } from "./clusterError.ts";
import { selectedTests, withSentence, type CommandContext } from "./commandContext.ts";
import { pathEnds } from "./explain/pathEnds.ts";
import { explainedPaths } from "./explain/explainedPaths.ts";
import { readRunRecords, type RunRecords } from "./explain/runRecords.ts";
import { selectingPolicies } from "./explain/selectingPolicies.ts";
import { EXIT_CODES, type ExitCode } from "./judgement.ts";
import { subjectOf } from "./selection.ts";

/** `explain`: prints the evidence of one expectation, path by path, and the policies at both ends. Throws CliError. */
export async function explainExpectation(context: CommandContext, expectation: string): Promise<ExitCode> {
  const { api, terminal } = context;
  for (const test of await selectedTests(context)) {
    const subject = subjectOf(test.metadata);
    const names = test.spec.expectations.map(({ name }) => name);
    if (!names.includes(expectation)) {
      const action = `Use one of: ${names.join(", ") || "none"}`;
      throw new CliError(`${subject}: it has no expectation ${expectation}. ${action}.`);
    }
    const records = await withSentence(context, subject, async () => readRunRecords(api, test));
    const policies = await policyLines(context, { test, records, expectation });
    terminal.print(headLines(context, test).join("\n"));
    terminal.print(evidenceOf(test, expectation, records).join("\n"));
    if (policies.length > 0) terminal.print(["Policies:", ...policies].join("\n"));
    for (const note of records.notes) terminal.print(note);
  }
  return EXIT_CODES.Passed;
}

/** The verdict as `wait` would have it now, which may be another than that of the last run. */
function headLines({ now, terminal }: CommandContext, test: ConnectivityTest): string[] {
  const { state, message } = judgeGoal(test, { uid: test.metadata.uid }, now());
  const { run } = test.status;
  const last = run && `The last run, ${run.id} of generation ${run.generation}, ended at ${run.finishedAt}`;
  return [
    `${subjectOf(test.metadata)}: ${terminal.colour(state, state)}: ${message}`,
    ...(last ? [last] : []),
  ];
}

function evidenceOf(test: ConnectivityTest, name: string, records: RunRecords): string[] {
  const status = test.status.expectations?.find((result) => result.name === name);
  if (!status) return [`${name}: no run has tested it yet`];
  const { expected, actual, verdict, reason, message, lastTransitionTime } = status;
  return [
    `${name}: expected ${expected}, was ${actual}: ${verdict} (${reason}) since ${lastTransitionTime}`,
    `  ${message}`,
    "",
    ...explainedPaths(status, records),
  ];
}

interface Explained {
  readonly test: ConnectivityTest;
  readonly records: RunRecords;
  readonly expectation: string;
}

async function policyLines(context: CommandContext, explained: Explained): Promise<string[]> {
  const { test, expectation } = explained;
  const { run } = explained.records;
  if (!run) return [];
  return withSentence(context, "policies", async () => {
    const { ends, notes } = await pathEnds(context.api, test, { run, expectation });
    return [...(await selectingPolicies(context.api, ends)), ...notes.map((note) => `  ${note}`)];
  });
}
