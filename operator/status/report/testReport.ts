import { kindOf, type ConnectivityTest } from "../../../crds/connectivitytest.ts";
import { mapInTurns } from "../../runtime/turns.ts";
import { judgeGoal, type Judgement, VERDICT_OF_STATE } from "../judgement.ts";
import { createReport, type ConnectivityReport, type ReportedResult, type ReportedTest } from "./report.ts";

/**
 * Returns the report of tests as they are now. It has only results that `wait` would accept. Thousands of tests take several turns of the
 * event loop.
 */
export async function reportOf(tests: readonly ConnectivityTest[], now: Date): Promise<ConnectivityReport> {
  const reported = await mapInTurns(tests, (test) => reportedTest(test, now));
  return createReport(now, reported);
}

function reportedTest(test: ConnectivityTest, now: Date): ReportedTest {
  const { metadata, spec, status } = test;
  const { namespace, name, generation, uid } = metadata;
  const judgement = judgeGoal(test, { uid }, now);
  const verdict = VERDICT_OF_STATE[judgement.state];
  const run = status.run !== undefined && isDecisive(test, judgement) ? status.run : undefined;
  return {
    kind: kindOf(test).kind,
    namespace,
    name,
    generation,
    verdict,
    message: judgement.message,
    ...(run && {
      run: { id: run.id, trigger: run.trigger, startedAt: run.startedAt, finishedAt: run.finishedAt },
    }),
    ...(status.validUntil !== undefined && { validUntil: status.validUntil }),
    history: status.history ?? [],
    expectations: spec.expectations.map((expectation) =>
      reportedResult(expectation, {
        verdict,
        message: judgement.message,
        found: run && status.expectations?.find((result) => result.name === expectation.name),
      }),
    ),
  };
}

/** Whether the judgement is that of the run in the status: a verdict that is stale, or about to be replaced, has no results. */
const isDecisive = ({ status }: ConnectivityTest, { state, run }: Judgement) =>
  run !== undefined && state === status.verdict;

type TestResult = NonNullable<ConnectivityTest["status"]["expectations"]>[number];

interface KnownResult extends Pick<ReportedTest, "verdict" | "message"> {
  /** The result of the run that decided. */
  readonly found: TestResult | undefined;
}

function reportedResult(
  { name, expect }: ConnectivityTest["spec"]["expectations"][number],
  { verdict, message, found }: KnownResult,
): ReportedResult {
  if (found) {
    const { expected, actual, reason, lastTransitionTime: since, pathCount, paths } = found;
    return {
      name,
      expected,
      actual,
      verdict: found.verdict,
      reason,
      message: found.message,
      since,
      pathCount,
      paths,
    };
  }
  const isOpen = verdict === "Pending" ? "Pending" : "Inconclusive";
  return { name, expected: expect, actual: "Unknown", verdict: isOpen, message, pathCount: 0, paths: [] };
}
