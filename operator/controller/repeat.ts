import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { parseDuration } from "../../crds/duration.ts";
import { attemptOf, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import { MAX_PROGRESS_ATTEMPTS } from "../../crds/teststatus.ts";
import { later } from "../runtime/clock.ts";
import { nextRunAt } from "../status/schedule.ts";
import type { Repeat } from "../status/testState.ts";

/** The delays in milliseconds from the end of an attempt to the next one. */
const DELAYS = [5_000, 20_000, 60_000] as const;

/** The delays in milliseconds before the progress deadline: after the first attempt, and after each later one. */
const PROGRESS_DELAYS = { first: 5_000, later: 20_000 } as const;

/** An attempt that has ended, with the reason for which another one may decide. */
export interface EndedAttempt {
  readonly run: ProbeRun;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** Why it is Inconclusive, if it is so only for transient reasons. */
  readonly transientReason: Reason | undefined;
  /** Why it did not pass, if it may be only because workloads have not started yet. */
  readonly startingReason: Reason | undefined;
}

/**
 * Returns the next attempt of a run that is Inconclusive only for transient reasons, or that has not passed because its
 * workloads may not have started, while the test is younger than its `progressDeadline`. Undefined if the run is decided, if it
 * has had `maxAttempts`, if the test is suspended, and if another run is due before: by one
 * of the requests that wait, or by the schedule.
 */
export function repeatOf(
  test: ConnectivityTest,
  attempt: EndedAttempt,
  requests: readonly string[],
): Repeat | undefined {
  const { run, startedAt } = attempt;
  const next = whileStarting(test, attempt) ?? afterTransientReason(test, attempt);
  if (!next) return undefined;
  const { requests: own = [] } = run.spec.run;
  if (test.spec.suspend || requests.some((token) => !own.includes(token))) return undefined;
  const due = nextRunAt(test, startedAt);
  return due && due <= next.at ? undefined : next;
}

function afterTransientReason(
  { spec: { maxAttempts } }: ConnectivityTest,
  { run, finishedAt, transientReason: reason }: EndedAttempt,
): Repeat | undefined {
  const last = attemptOf(run);
  const delay = DELAYS[last - 1];
  if (reason === undefined || delay === undefined || last >= maxAttempts) return undefined;
  return { attempt: last + 1, at: later(finishedAt, delay), reason };
}

/** Test and workloads are often created together, and images take minutes to be pulled. */
function whileStarting(
  { metadata, spec }: ConnectivityTest,
  { run, finishedAt, startingReason: reason }: EndedAttempt,
): Repeat | undefined {
  const last = attemptOf(run);
  if (reason === undefined || metadata.creationTimestamp === undefined || last >= MAX_PROGRESS_ATTEMPTS)
    return undefined;
  const at = later(finishedAt, last === 1 ? PROGRESS_DELAYS.first : PROGRESS_DELAYS.later);
  const deadline = later(new Date(metadata.creationTimestamp), parseDuration(spec.progressDeadline) ?? 0);
  return at <= deadline ? { attempt: last + 1, at, reason } : undefined;
}
