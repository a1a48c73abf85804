import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { keyOf } from "../crds/metadata.ts";
import type { Api } from "../operator/runtime/api.ts";
import type { Clock } from "../operator/runtime/clock.ts";
import { CliError, clusterError, missingTest } from "./clusterError.ts";
import type { TestManifest } from "./manifests/testManifest.ts";
import { readTests, selectionSubject, subjectOf, type TestSelection } from "./selection.ts";
import type { Terminal } from "./terminal.ts";

/** What every command that talks to a cluster has. */
export interface CommandContext {
  readonly api: Api;
  /** The URL of the API server, for messages. */
  readonly server: string;
  readonly selection: TestSelection;
  /** The tests of the files of --filename; then these are the selection. */
  readonly manifests: readonly TestManifest[];
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly now: () => Date;
}

/** Returns the selected tests: at least one, and all that were named. Throws CliError. */
export async function selectedTests(context: CommandContext): Promise<ConnectivityTest[]> {
  const { api, selection } = context;
  const subject = selectionSubject(selection);
  const tests = await withSentence(context, subject, async () => readTests(api, selection));
  if (selection !== "All" && "tests" in selection) {
    const found = new Set(tests.map(({ metadata }) => keyOf(metadata)));
    const missing = selection.tests.find((key) => !found.has(keyOf(key)));
    if (missing) throw new CliError(missingTest(subjectOf(missing)));
  }
  if (tests.length === 0)
    throw new CliError(`${subject}: there are no tests. Check the namespace and the context.`);
  return tests;
}

/** Returns the result of requests about a subject. Throws CliError. */
export async function withSentence<Result>(
  { server }: CommandContext,
  subject: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw clusterError(error, { subject, server });
  }
}
