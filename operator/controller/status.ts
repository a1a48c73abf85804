import { mergeConditions } from "../../crds/conditions.ts";
import {
  MESSAGE_LENGTH,
  type ConnectivityTest,
  type ConnectivityTestStatus,
  type ExpectationStatus,
} from "../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Trigger } from "../../crds/vocabulary.ts";
import { probeRunName } from "../planning/names.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { bySeverity, worstOf } from "../verdict/severity.ts";
import { sinceWhen } from "../verdict/sinceSuffix.ts";
import { nextRunAt } from "./dueRun.ts";
import { staleAfter } from "./schedule.ts";
import { conditionsOf, type Standing } from "./statusConditions.ts";
import { fitPaths } from "./statusSize.ts";

const HISTORY = 10;

/** A run that has ended, as it was judged. */
export interface EndedRun {
  readonly run: ProbeRun;
  readonly verdicts: readonly ExpectationVerdict[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

export interface ActiveRun {
  readonly id: string;
  readonly trigger: Trigger;
  /** Where its ProbeRun is; left out: in the test's own namespace. */
  readonly home?: string;
  readonly request?: string;
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
 * The whole status of a test. It speaks of the present generation alone (the history apart), so a new one begins as
 * Pending and a run of an older one is not heard. The same input, or what this has returned before, gives the same status.
 */
export function nextStatus({ test, ended, active, problem, now }: StatusInput): ConnectivityTestStatus {
  const { metadata, status: before } = test;
  const { generation } = metadata;
  const isNews = ended?.run.spec.run.generation === generation;
  const { expectations, ...past } = isNews ? learned(ended, before) : recalled(before);
  const found =
    past.run?.generation === generation ? { run: past.run, expectations: expectations ?? [] } : undefined;
  const standing = standingOf({ test, found, active, problem });
  return {
    observedGeneration: generation,
    verdict: standing.verdict,
    message: inColumn(standing),
    ...past,
    ...(found && { summary: summaryOf(found.expectations), expectations: found.expectations }),
    ...(found && !problem && datesOf(test, found.run)),
    conditions: mergeConditions(before.conditions ?? [], conditionsOf(standing, generation), now),
  };
}

const inColumn = ({ brief, message }: Standing) => brief ?? message;

/** What the status remembers from run to run. */
type Memory = Pick<ConnectivityTestStatus, "run" | "lastHandledRequest" | "history" | "expectations">;

function recalled({ run, lastHandledRequest, history, expectations }: ConnectivityTestStatus): Memory {
  return {
    ...(run && { run }),
    ...(lastHandledRequest !== undefined && { lastHandledRequest }),
    ...(history && { history }),
    ...(expectations && { expectations }),
  };
}

function learned(ended: EndedRun, before: ConnectivityTestStatus): Memory {
  const { request } = ended.run.spec.run;
  return {
    ...recalled(before),
    run: runOf(ended),
    ...(request !== undefined && { lastHandledRequest: request }),
    history: remember(ended, before.history),
    expectations: dated(ended, before.expectations),
  };
}

type Run = NonNullable<ConnectivityTestStatus["run"]>;
type History = NonNullable<ConnectivityTestStatus["history"]>;

function runOf({ run, startedAt, finishedAt }: EndedRun): Run {
  const { id, trigger, generation } = run.spec.run;
  return {
    id,
    trigger,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    generation,
  };
}

/** `lastTransitionTime` is the end of the run that brought the verdict, and the message says so. */
function dated(
  { verdicts, finishedAt }: EndedRun,
  before: readonly ExpectationStatus[] = [],
): ExpectationStatus[] {
  const told = verdicts.map((expectation) => {
    const known = before.find(({ name }) => name === expectation.name);
    const unchanged = known?.verdict === expectation.verdict;
    const lastTransitionTime = unchanged ? known.lastTransitionTime : finishedAt.toISOString();
    const since = sinceWhen(expectation.verdict, new Date(lastTransitionTime));
    return { ...expectation, message: withSince(expectation.message, since), lastTransitionTime };
  });
  return fitPaths(told);
}

const withSince = (message: string, since: string) =>
  `${message.slice(0, MESSAGE_LENGTH - since.length)}${since}`;

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

function remember({ run, verdicts, finishedAt }: EndedRun, before: History = []): History {
  const { id } = run.spec.run;
  const latest = {
    id,
    verdict: worstOf(verdicts.map(({ verdict }) => verdict)),
    finishedAt: finishedAt.toISOString(),
    text: summaryOf(verdicts).text,
  };
  return [latest, ...before.filter((entry) => entry.id !== id)].slice(0, HISTORY);
}

/** When the test is due again, and when its verdict will be stale. */
function datesOf(test: ConnectivityTest, run: Run) {
  const [startedAt, finishedAt] = [new Date(run.startedAt), new Date(run.finishedAt)];
  const next = nextRunAt(test, startedAt);
  const stale = staleAfter(test.spec.schedule, { startedAt, finishedAt });
  return {
    ...(next && { nextRunAt: next.toISOString() }),
    ...(stale && { validUntil: stale.toISOString() }),
  };
}

/** The last run of the present generation, and what it found. */
interface Found {
  readonly run: Run;
  readonly expectations: ExpectationStatus[];
}

interface StandingInput extends Pick<StatusInput, "test"> {
  /** Undefined: no run of this generation has ended. */
  readonly found: Found | undefined;
  readonly active: ActiveRun | undefined;
  readonly problem: Problem | undefined;
}

/** GitOps tools would flap if every run of the operator's own accord were told as a change under way. */
const AWAITED: readonly Trigger[] = ["Generation", "Request"];

function standingOf({ test, found, active, problem }: StandingInput): Standing {
  if (problem) return { verdict: found ? "Inconclusive" : "Pending", ...problem };
  const isAwaited = active && (AWAITED.includes(active.trigger) || active.request !== undefined);
  const isNew = !found && !test.spec.suspend;
  const underWay = isAwaited || isNew ? aboutRun(test, active) : undefined;
  const standing = found ? foundIn(found.expectations) : waitingFor(underWay);
  return { ...standing, ...(underWay !== undefined && { underWay }) };
}

function aboutRun({ metadata }: ConnectivityTest, active: ActiveRun | undefined): string {
  const of = `generation ${metadata.generation}`;
  if (active === undefined) return `the first run of ${of} is about to begin`;
  const { home = metadata.namespace } = active;
  const where = home === metadata.namespace ? "" : ` in namespace ${home}`;
  return `run ${active.id} of ${of} is under way: ProbeRun ${probeRunName(metadata.name, active.id)}${where} tells how far it has come`;
}

function waitingFor(underWay: string | undefined): Standing {
  return underWay === undefined
    ? {
        verdict: "Pending",
        reason: "Suspended",
        message: "spec.suspend is true: no run begins until it is false",
      }
    : { verdict: "Pending", reason: "InProgress", message: underWay };
}

function foundIn(expectations: readonly ExpectationStatus[]): Standing {
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
    brief: about(inBrief(worst)) + more,
  };
}

function inBrief({ expected, actual, reason }: ExpectationStatus): string {
  if (actual === "Unknown") return `expected ${expected}, could not be judged (${reason})`;
  return `expected ${expected}, was ${actual} (${reason})`;
}
