import { mergeConditions } from "../../crds/conditions.ts";
import type {
  ConnectivityTest,
  ConnectivityTestStatus,
  ExpectationStatus,
} from "../../crds/connectivitytest.ts";
import { attemptOf, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Trigger } from "../../crds/vocabulary.ts";
import { withSince } from "../../probes/messageLength.ts";
import { probeRunName } from "../planning/names.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { bySeverity, worstOf } from "../verdict/severity.ts";
import { nextRunAt } from "./dueRun.ts";
import type { Repeat } from "./repeat.ts";
import { staleAfter } from "./schedule.ts";
import { conditionsOf, type TestState } from "./statusConditions.ts";
import { limitPaths } from "./statusSize.ts";

const HISTORY = 10;

/** A run that has ended, with its verdicts. */
export interface EndedRun {
  readonly run: ProbeRun;
  readonly verdicts: readonly ExpectationVerdict[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

export interface ActiveRun {
  readonly id: string;
  readonly trigger: Trigger;
  /** The namespace of its ProbeRun. Default: the test's own namespace. */
  readonly runNamespace?: string;
  readonly request?: string;
  /** Set between two attempts. */
  readonly repeat?: Repeat;
}

export interface StatusInput {
  readonly test: ConnectivityTest;
  readonly ended?: EndedRun;
  readonly active?: ActiveRun;
  /** Why the spec cannot be run. */
  readonly problem?: Problem;
  readonly now: Date;
}

/**
 * Returns the whole status of a test. It describes the current generation alone (except the history), so a new
 * generation starts as Pending, and a run of an older one is ignored. The same input, or an earlier result of this
 * function, gives the same status.
 */
export function nextStatus({ test, ended, active, problem, now }: StatusInput): ConnectivityTestStatus {
  const { metadata, status: before } = test;
  const { generation } = metadata;
  const isNews = ended?.run.spec.run.generation === generation;
  const { expectations, ...past } = isNews ? withEndedRun(ended, before) : rememberedOf(before);
  const found =
    past.run?.generation === generation ? { run: past.run, expectations: expectations ?? [] } : undefined;
  const state = testStateOf({ test, found, active, problem });
  return {
    observedGeneration: generation,
    verdict: state.verdict,
    message: columnMessage(state),
    ...past,
    ...(found && { summary: summaryOf(found.expectations), expectations: found.expectations }),
    ...(found && !problem && scheduleTimesOf(test, found.run)),
    conditions: mergeConditions(before.conditions ?? [], conditionsOf(state, generation), now),
  };
}

const columnMessage = ({ brief, message }: TestState) => brief ?? message;

/** The part of the status that is kept from run to run. */
type RememberedStatus = Pick<
  ConnectivityTestStatus,
  "run" | "lastHandledRequest" | "history" | "expectations"
>;

function rememberedOf({
  run,
  lastHandledRequest,
  history,
  expectations,
}: ConnectivityTestStatus): RememberedStatus {
  return {
    ...(run && { run }),
    ...(lastHandledRequest !== undefined && { lastHandledRequest }),
    ...(history && { history }),
    ...(expectations && { expectations }),
  };
}

function withEndedRun(ended: EndedRun, before: ConnectivityTestStatus): RememberedStatus {
  const { request } = ended.run.spec.run;
  return {
    ...rememberedOf(before),
    run: runOf(ended),
    ...(request !== undefined && { lastHandledRequest: request }),
    history: historyWith(ended, before.history),
    expectations: withTransitionTimes(ended, before.expectations),
  };
}

type RunSummary = NonNullable<ConnectivityTestStatus["run"]>;
type RunHistory = NonNullable<ConnectivityTestStatus["history"]>;

function runOf({ run, startedAt, finishedAt }: EndedRun): RunSummary {
  const { id, trigger, generation } = run.spec.run;
  return {
    id,
    trigger,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    generation,
    attempts: attemptOf(run),
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

/** When the test is due again, and when its verdict becomes stale. */
function scheduleTimesOf(test: ConnectivityTest, run: RunSummary) {
  const [startedAt, finishedAt] = [new Date(run.startedAt), new Date(run.finishedAt)];
  const next = nextRunAt(test, startedAt);
  const stale = staleAfter(test.spec.schedule, { startedAt, finishedAt });
  return {
    ...(next && { nextRunAt: next.toISOString() }),
    ...(stale && { validUntil: stale.toISOString() }),
  };
}

/** The last run of the current generation, and its verdict. */
interface LastRun {
  readonly run: RunSummary;
  readonly expectations: ExpectationStatus[];
}

interface TestStateInput extends Pick<StatusInput, "test"> {
  /** Undefined if no run of this generation has ended. */
  readonly found: LastRun | undefined;
  readonly active: ActiveRun | undefined;
  readonly problem: Problem | undefined;
}

/** GitOps tools would flap if the status reported every run that no user requested as a change in progress. */
const AWAITED_TRIGGERS: readonly Trigger[] = ["Generation", "Request"];

function testStateOf({ test, found, active, problem }: TestStateInput): TestState {
  if (problem) return { verdict: found ? "Inconclusive" : "Pending", ...problem };
  const isAwaited = active && (AWAITED_TRIGGERS.includes(active.trigger) || active.request !== undefined);
  const isNew = !found && !test.spec.suspend;
  const underWay = isAwaited || isNew ? activeRunMessage(test, active) : undefined;
  const state = found ? stateOfRun(found.expectations) : stateWithoutRun(underWay);
  return { ...state, ...(underWay !== undefined && { underWay }) };
}

function activeRunMessage({ metadata }: ConnectivityTest, active: ActiveRun | undefined): string {
  const of = `generation ${metadata.generation}`;
  if (active === undefined) return `the first run of ${of} is about to start`;
  const { runNamespace = metadata.namespace } = active;
  const where = runNamespace === metadata.namespace ? "" : ` in namespace ${runNamespace}`;
  const check = `Check ProbeRun ${probeRunName(metadata.name, active.id)}${where}`;
  const { repeat } = active;
  return repeat
    ? `run ${active.id} of ${of} is Inconclusive (${repeat.reason}), which may be transient; attempt ${repeat.attempt} starts at ${repeat.at.toISOString()}. ${check}`
    : `run ${active.id} of ${of} is in progress. ${check}`;
}

function stateWithoutRun(underWay: string | undefined): TestState {
  return underWay === undefined
    ? {
        verdict: "Pending",
        reason: "Suspended",
        message: "spec.suspend is true. No run starts until it is false",
      }
    : { verdict: "Pending", reason: "InProgress", message: underWay };
}

function stateOfRun(expectations: readonly ExpectationStatus[]): TestState {
  const verdict = worstOf(expectations.map((expectation) => expectation.verdict));
  const [worst] = expectations.toSorted(bySeverity);
  if (!worst) return { verdict, reason: "ProbeNotRun", message: "the run had no expectations" };
  if (verdict === "Passed") {
    const message = `${expectations.length} of ${expectations.length} expectations hold`;
    return { verdict, reason: worst.reason, message };
  }
  const others = expectations.filter((other) => other.verdict !== "Passed").length - 1;
  const more = others > 0 ? `, and ${others} more` : "";
  const about = (words: string) => `${worst.name}: ${words}`;
  return {
    verdict,
    reason: worst.reason,
    message: about(worst.message),
    brief: about(briefMessage(worst)) + more,
  };
}

function briefMessage({ expected, actual, reason }: ExpectationStatus): string {
  if (actual === "Unknown") return `expected ${expected}, could not be judged (${reason})`;
  return `expected ${expected}, was ${actual} (${reason})`;
}
