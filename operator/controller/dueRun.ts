import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Trigger } from "../../crds/vocabulary.ts";
import type { DependencyChange } from "./dependencyDigest.ts";
import { dueAfter, scheduleProblem } from "./schedule.ts";

/** Longer tokens are cut here: the status can answer with no more. */
const LONGEST_TOKEN = 256;

/** A run that ought to begin. */
export interface Due {
  readonly trigger: Trigger;
  /** What makes this run another than the last: the same after a restart, since it follows from the object alone. */
  readonly key: string;
  /** The token of the annotation that this run will have handled. */
  readonly request?: string;
}

/**
 * The run that is due now, if any: for a new generation, for a request, for a change since the last run that `rerunOn` names,
 * or by the schedule, in this order. However many scheduled times were missed, one run makes up for them. A schedule that cannot be
 * read is a problem, not an error.
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

/** When the test is next due by its schedule, if its last run started then. Undefined: never, as things stand. */
export function nextRunAt({ spec }: ConnectivityTest, startedAt: Date): Date | undefined {
  return spec.suspend ? undefined : dueAfter(spec.schedule, startedAt);
}

/** The token of a request that no run has handled yet. */
export function openRequest({ metadata, status }: ConnectivityTest): string | undefined {
  const token = cutToken(metadata.annotations[RUN_REQUESTED] ?? "");
  return token === "" || token === status.lastHandledRequest ? undefined : token;
}

// Half a surrogate pair would come back from the API server as another character, and be due for ever.
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
