import type { ConnectivityTest, ExpectationStatus } from "../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Problem, Reason } from "../../crds/reasons.ts";
import type { Trigger, Verdict } from "../../crds/vocabulary.ts";
import { probeRunName } from "../planning/names.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { bySeverity, worstOf } from "../verdict/severity.ts";
import { queuedMessage, type WaitingRun } from "./queuedRun.ts";
import type { RunProgress, TestState } from "./statusConditions.ts";

/** A run that has ended, with its verdicts. */
export interface EndedRun {
  readonly run: ProbeRun;
  readonly verdicts: readonly ExpectationVerdict[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** The next attempt of the same run. */
export interface Repeat {
  readonly attempt: number;
  readonly at: Date;
  /** Why the last attempt is Inconclusive. */
  readonly reason: Reason;
}

export interface ActiveRun {
  readonly id: string;
  readonly trigger: Trigger;
  /** The namespace of its ProbeRun. Default: the test's own namespace. */
  readonly runNamespace?: string;
  readonly requests?: readonly string[];
  /** Set between two attempts. */
  readonly repeat?: Repeat;
}

/** The result of an expectation, as judged or as it is stored. */
type JudgedStatus = Pick<
  ExpectationStatus,
  "name" | "expected" | "actual" | "verdict" | "reason" | "message"
>;
type RunVerdict = TestState & { readonly verdict: Verdict };

/** The last run of the current spec, and its verdict. */
export interface LastRun {
  readonly run: { readonly id: string };
  readonly expectations: readonly ExpectationStatus[];
  readonly validUntil?: Date;
}

export interface TestStateInput {
  readonly test: ConnectivityTest;
  /** Undefined if no run of this spec has ended. */
  readonly found: LastRun | undefined;
  readonly active?: ActiveRun;
  /** The next run, or the next attempt of the active one, that waits for its turn. */
  readonly queued?: WaitingRun | undefined;
  readonly problem?: Problem;
  readonly isRollingOut?: boolean;
  readonly now: Date;
}

/**
 * Returns the state of a test. A run in progress, or a queued one, takes `Ready` away if a user waits for its verdict, or if the last
 * verdict may no longer hold. A run of the schedule does neither: GitOps tools would flap.
 */
export function testStateOf(input: TestStateInput): TestState {
  const { found, problem } = input;
  if (problem) return { verdict: found ? "Inconclusive" : "Pending", ...problem };
  const expired = expiredState(input);
  const underWay = underWayOf(input, expired !== undefined);
  const state = expired ?? (found ? stateOfRun(found.expectations) : stateWithoutRun(underWay));
  return { ...state, ...(underWay && { underWay }) };
}

/** A verdict that no run has renewed in time says nothing about the present. */
function expiredState({ found, now }: TestStateInput): TestState | undefined {
  if (found?.validUntil === undefined || now < found.validUntil) return undefined;
  const { verdict } = stateOfRun(found.expectations);
  const message = `the verdict ${verdict} of run ${found.run.id} was valid until ${found.validUntil.toISOString()}, and no run has ended since. See nextRunAt and the operator's log`;
  return { verdict: "Inconclusive", reason: "Expired", message };
}

function underWayOf(
  { test, found, active, queued, isRollingOut }: TestStateInput,
  isExpired: boolean,
): RunProgress | undefined {
  const isNew = !found && !test.spec.suspend;
  const next = queued ?? active;
  if (isNew || (next && (isExpired || isAwaited(next)))) return runProgressOf(test, { active, queued });
  return isRollingOut === true && found
    ? {
        reason: "InProgress",
        message: `the pod template of a workload has changed since run ${found.run.id}; the next run starts when the rollout has ended. Check kubectl rollout status`,
      }
    : undefined;
}

const isAwaited = ({ trigger, requests = [] }: Pick<ActiveRun, "trigger" | "requests">) =>
  trigger !== "Schedule" || requests.length > 0;

function runProgressOf(
  test: ConnectivityTest,
  { active, queued }: { readonly active: ActiveRun | undefined; readonly queued: WaitingRun | undefined },
): RunProgress {
  return queued
    ? { reason: "Queued", message: queuedMessage(test.metadata.generation, queued) }
    : { reason: "InProgress", message: activeRunMessage(test, active) };
}

function activeRunMessage({ metadata }: ConnectivityTest, active: ActiveRun | undefined): string {
  const of = `generation ${metadata.generation}`;
  if (active === undefined) return `the first run of ${of} is about to start`;
  const { runNamespace = metadata.namespace } = active;
  const where = runNamespace === metadata.namespace ? "" : ` in namespace ${runNamespace}`;
  const check = `Check ProbeRun ${probeRunName(metadata.name, active.id)}${where}`;
  const { repeat } = active;
  return repeat
    ? `run ${active.id} of ${of} has no final result yet (${repeat.reason}), which may be transient; attempt ${repeat.attempt} starts at ${repeat.at.toISOString()}. ${check}`
    : `run ${active.id} of ${of} is in progress. ${check}`;
}

function stateWithoutRun(underWay: RunProgress | undefined): TestState {
  return underWay
    ? { verdict: "Pending", ...underWay }
    : {
        verdict: "Pending",
        reason: "Suspended",
        message: "spec.suspend is true. No run starts until it is false",
      };
}

/** Returns the state after a run, by its worst expectation. */
export function stateOfRun(expectations: readonly JudgedStatus[]): RunVerdict {
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

function briefMessage({ expected, actual, reason }: JudgedStatus): string {
  if (actual === "Unknown") return `expected ${expected}, could not be judged (${reason})`;
  return `expected ${expected}, was ${actual} (${reason})`;
}
