import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Trigger } from "../../crds/vocabulary.ts";
import { hasTestedSpec } from "../runs/testedSpec.ts";
import { nextRunAt, scheduleProblem } from "../status/schedule.ts";
import type { DependencyChange } from "./dependencyDigest.ts";

/** A run that is due. */
export interface Due {
  readonly trigger: Trigger;
  /**
   * The cause of this run, which distinguishes it from the last one. It derives from the object alone, so it is the
   * same after a restart.
   */
  readonly key: string;
  /** The tokens that this run handles. */
  readonly requests?: readonly string[];
}

export interface DueInput {
  readonly now: Date;
  /** The tokens that wait for a run, the oldest first. */
  readonly requests?: readonly string[] | undefined;
  /** The change since the last run started, among those that the test names in `rerunOn`. */
  readonly change?: DependencyChange | undefined;
}

/**
 * Returns the run that is due now, if any: for a new generation, for a request, for a change since the last run that
 * `rerunOn` names, or by the schedule, in this order. One run makes up for all missed times of the schedule. An
 * invalid schedule is a problem, not an error.
 */
export function dueRun(
  test: ConnectivityTest,
  { now, requests = [], change }: DueInput,
): Due | { readonly problem: Problem } | undefined {
  if (test.spec.suspend) return undefined;
  const problem = scheduleProblem(test.spec.schedule);
  if (problem) return { problem };
  return (
    dueByGeneration(test, requests) ??
    dueByRequest(requests) ??
    (change && dueByChange(change)) ??
    dueBySchedule(test, now)
  );
}

const dueByChange = ({ trigger, digest }: DependencyChange): Due => ({
  trigger,
  key: `${trigger}:${digest}`,
});

function dueByGeneration(test: ConnectivityTest, requests: readonly string[]): Due | undefined {
  const { run } = test.status;
  if (run && hasTestedSpec(test, run)) return undefined;
  return { trigger: "Generation", key: "generation", ...(requests.length > 0 && { requests }) };
}

// The key has the oldest token alone: a token that is noticed between two attempts to start does not make two runs of one.
function dueByRequest(requests: readonly string[]): Due | undefined {
  const [oldest] = requests;
  return oldest === undefined ? undefined : { trigger: "Request", key: `request:${oldest}`, requests };
}

function dueBySchedule(test: ConnectivityTest, now: Date): Due | undefined {
  const startedAt = test.status.run?.startedAt;
  const at = startedAt === undefined ? undefined : nextRunAt(test, new Date(startedAt));
  return at === undefined || at > now ? undefined : { trigger: "Schedule", key: `at:${at.toISOString()}` };
}
