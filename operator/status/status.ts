import { mergeConditions } from "../../crds/conditions.ts";
import type {
  ConnectivityTest,
  ConnectivityTestStatus,
  ExpectationStatus,
} from "../../crds/connectivitytest.ts";
import { attemptOf } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { withSince } from "../../probes/messageLength.ts";
import { hasTestedSpec } from "../runs/testedSpec.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { worstOf } from "../verdict/severity.ts";
import type { WaitingRun } from "./queuedRun.ts";
import { requestStatusOf } from "./requestStatus.ts";
import { nextRunAt, staleAfter } from "./schedule.ts";
import { conditionsOf, type TestState } from "./statusConditions.ts";
import { limitPaths } from "./statusSize.ts";
import { testStateOf, type ActiveRun, type EndedRun, type LastRun } from "./testState.ts";

const HISTORY = 10;

export interface StatusInput {
  readonly test: ConnectivityTest;
  readonly ended?: EndedRun | undefined;
  readonly active?: ActiveRun;
  /** The next run, or the next attempt of the active one, that waits for its turn. */
  readonly queued?: WaitingRun | undefined;
  /** Why the spec cannot be run. */
  readonly problem?: Problem;
  /** Whether the run for another pod template, which the test requests in `rerunOn`, waits for the end of the rollout. */
  readonly isRollingOut?: boolean;
  /** The tokens that were in the annotation since the status was read, as `openRequests` takes them. */
  readonly noticed?: readonly string[];
  readonly now: Date;
}

/**
 * Returns the whole status of a test. It describes the current spec alone (except the history), so a new generation
 * starts as Pending, and a run of an older one is ignored, unless nothing but `suspend` has changed. The same input, or
 * an earlier result of this function, gives the same status.
 */
export function nextStatus(input: StatusInput): ConnectivityTestStatus {
  const { test, ended, queued, now } = input;
  const { metadata, status: before } = test;
  const { generation } = metadata;
  const news = ended && hasTestedSpec(test, ended.run.spec.run) ? ended : undefined;
  const { expectations = [], ...past } = news ? withEndedRun(news, before) : rememberedOf(before);
  const found = lastRunOf(test, past.run, expectations);
  const state = testStateOf({ ...input, found });
  return {
    observedGeneration: generation,
    verdict: state.verdict,
    message: columnMessage(state),
    ...past,
    ...(queued && { queued: queued.status }),
    ...requestStatusOf({ ...input, ended: news }),
    ...(found && {
      run: found.run,
      summary: summaryOf(found.expectations),
      expectations: found.expectations,
    }),
    ...(found && !input.problem && scheduleTimesOf(test, found)),
    conditions: mergeConditions(before.conditions ?? [], conditionsOf(state, generation), now),
  };
}

const columnMessage = ({ brief, message }: TestState) => brief ?? message;

/** The part of the status that is kept from run to run. */
type RememberedStatus = Pick<ConnectivityTestStatus, "run" | "history" | "expectations">;

function rememberedOf({ run, history, expectations }: ConnectivityTestStatus): RememberedStatus {
  return {
    ...(run && { run }),
    ...(history && { history }),
    ...(expectations && { expectations }),
  };
}

function withEndedRun(ended: EndedRun, before: ConnectivityTestStatus): RememberedStatus {
  return {
    run: runOf(ended),
    history: historyWith(ended, before.history),
    expectations: withTransitionTimes(ended, before.expectations),
  };
}

type RunSummary = NonNullable<ConnectivityTestStatus["run"]>;
type RunHistory = NonNullable<ConnectivityTestStatus["history"]>;

function runOf({ run, startedAt, finishedAt }: EndedRun): RunSummary {
  const { id, trigger, generation, specDigest, queuedSeconds } = run.spec.run;
  return {
    id,
    trigger,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    generation,
    ...(specDigest !== undefined && { specDigest }),
    attempts: attemptOf(run),
    ...(queuedSeconds !== undefined && { queuedSeconds }),
  };
}

/** `lastTransitionTime` is the end of the run that changed the verdict, and the message says so. */
function withTransitionTimes(
  { verdicts, finishedAt }: EndedRun,
  before: readonly ExpectationStatus[] = [],
): ExpectationStatus[] {
  const updated = verdicts.map((expectation) => {
    const known = before.find(({ name }) => name === expectation.name);
    const unchanged = known?.verdict === expectation.verdict;
    const lastTransitionTime = unchanged ? known.lastTransitionTime : finishedAt.toISOString();
    const { verdict, message } = expectation;
    const since = new Date(lastTransitionTime);
    return { ...expectation, message: withSince(message, verdict, since), lastTransitionTime };
  });
  return limitPaths(updated);
}

function summaryOf(verdicts: readonly Pick<ExpectationVerdict, "verdict">[]) {
  const count = (wanted: string) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const [total, passed] = [verdicts.length, count("Passed")];
  return {
    total,
    passed,
    failed: count("Failed"),
    inconclusive: count("Inconclusive"),
    text: `${passed}/${total}`,
  };
}

function historyWith({ run, verdicts, finishedAt }: EndedRun, before: RunHistory = []): RunHistory {
  const { id } = run.spec.run;
  const latest = {
    id,
    verdict: worstOf(verdicts.map(({ verdict }) => verdict)),
    finishedAt: finishedAt.toISOString(),
    text: summaryOf(verdicts).text,
  };
  return [latest, ...before.filter((entry) => entry.id !== id)].slice(0, HISTORY);
}

/** The last run, if it has tested the current spec. */
function lastRunOf(
  test: ConnectivityTest,
  run: RunSummary | undefined,
  expectations: ExpectationStatus[],
): (LastRun & { readonly run: RunSummary; readonly expectations: ExpectationStatus[] }) | undefined {
  if (!run || !hasTestedSpec(test, run)) return undefined;
  const times = { startedAt: new Date(run.startedAt), finishedAt: new Date(run.finishedAt) };
  const validUntil = staleAfter(test.spec.schedule, times);
  const { generation } = test.metadata;
  return { run: { ...run, generation }, expectations, ...(validUntil && { validUntil }) };
}

/** When the test is due again, and when its verdict becomes stale. */
function scheduleTimesOf(
  test: ConnectivityTest,
  { run, validUntil }: { readonly run: RunSummary; readonly validUntil?: Date },
) {
  const next = nextRunAt(test, new Date(run.startedAt));
  return {
    ...(next && { nextRunAt: next.toISOString() }),
    ...(validUntil && { validUntil: validUntil.toISOString() }),
  };
}
