import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Trigger } from "../../crds/vocabulary.ts";
import type { DependencyChange } from "./dependencyDigest.ts";
import { dueAfter, scheduleProblem } from "./schedule.ts";

/** Longer tokens are cut here, because the status has no room for more. */
const LONGEST_TOKEN = 256;

/** A run that is due. */
export interface Due {
  readonly trigger: Trigger;
  /**
   * The cause of this run, which distinguishes it from the last one. It derives from the object alone, so it is the
   * same after a restart.
   */
  readonly key: string;
  /** The token of the annotation that this run handles. */
  readonly request?: string;
}

/**
 * Returns the run that is due now, if any: for a new generation, for a request, for a change since the last run that
 * `rerunOn` names, or by the schedule, in this order. One run makes up for all missed times of the schedule. An
 * invalid schedule is a problem, not an error.
 */
export function dueRun(
  test: ConnectivityTest,
  now: Date,
  change?: DependencyChange,
): Due | { readonly problem: Problem } | undefined {
  if (test.spec.suspend) return undefined;
  const problem = scheduleProblem(test.spec.schedule);
  if (problem) return { problem };
  return (
    dueByGeneration(test) ?? dueByRequest(test) ?? (change && dueByChange(change)) ?? dueBySchedule(test, now)
  );
}

const dueByChange = ({ trigger, digest }: DependencyChange): Due => ({
  trigger,
  key: `${trigger}:${digest}`,
});

/**
 * Returns when the test is next due by its schedule, if its last run started at a time. Undefined if it is never due.
 */
export function nextRunAt({ spec }: ConnectivityTest, startedAt: Date): Date | undefined {
  return spec.suspend ? undefined : dueAfter(spec.schedule, startedAt);
}

/** Returns the token of a request that no run has handled yet. */
export function openRequest({ metadata, status }: ConnectivityTest): string | undefined {
  const token = cutToken(metadata.annotations[RUN_REQUESTED] ?? "");
  return token === "" || token === status.lastHandledRequest ? undefined : token;
}

// The API server would return another character for half a surrogate pair, and the request would always be due.
const cutToken = (token: string) => token.slice(0, LONGEST_TOKEN).replace(/[\uD800-\uDBFF]$/, "");

function dueByGeneration(test: ConnectivityTest): Due | undefined {
  if (test.status.run?.generation === test.metadata.generation) return undefined;
  const request = openRequest(test);
  return { trigger: "Generation", key: "generation", ...(request !== undefined && { request }) };
}

function dueByRequest(test: ConnectivityTest): Due | undefined {
  const request = openRequest(test);
  return request === undefined ? undefined : { trigger: "Request", key: `request:${request}`, request };
}

function dueBySchedule(test: ConnectivityTest, now: Date): Due | undefined {
  const startedAt = test.status.run?.startedAt;
  const at = startedAt === undefined ? undefined : nextRunAt(test, new Date(startedAt));
  return at === undefined || at > now ? undefined : { trigger: "Schedule", key: `at:${at.toISOString()}` };
}
