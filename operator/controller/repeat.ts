import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { attemptOf, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import { later } from "../runtime/clock.ts";
import { nextRunAt, openRequest } from "./dueRun.ts";

/** The delays in milliseconds from the end of an attempt to the next one. */
const DELAYS = [5_000, 20_000, 60_000] as const;

/** An attempt that has ended, with the transient reason for which it is Inconclusive. */
export interface EndedAttempt {
  readonly run: ProbeRun;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly transientReason: Reason | undefined;
}

/** The next attempt of the same run. */
export interface Repeat {
  readonly attempt: number;
  readonly at: Date;
  /** Why the last attempt is Inconclusive. */
  readonly reason: Reason;
}

/**
 * Returns the next attempt of a run that is Inconclusive only for transient reasons. Undefined if the run is decided, if it
 * has had `maxAttempts`, if the test is suspended, and if another run is due before: by a request, or by the schedule.
 */
export function repeatOf(
  test: ConnectivityTest,
  { run, startedAt, finishedAt, transientReason: reason }: EndedAttempt,
): Repeat | undefined {
  const last = attemptOf(run);
  const delay = DELAYS[last - 1];
  const request = openRequest(test);
  if (reason === undefined || delay === undefined || last >= test.spec.maxAttempts) return undefined;
  if (test.spec.suspend || (request !== undefined && request !== run.spec.run.request)) return undefined;
  const at = later(finishedAt, delay);
  const next = nextRunAt(test, startedAt);
  return next && next <= at ? undefined : { attempt: last + 1, at, reason };
}
