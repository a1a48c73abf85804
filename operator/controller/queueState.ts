import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { podDemandsOf, type PodDemand } from "../planning/podDemand.ts";
import { keyOfRun } from "../runs/ownerKeys.ts";
import { runsOfTest, type RunCaches } from "../runs/testRuns.ts";
import type { RepeatedRunState } from "./repeatRun.ts";
import type { RunQueue } from "./runQueue.ts";

/** A run, and its follow-up run if there is one. */
interface TestRun {
  readonly run: ProbeRun;
  readonly followUp?: { readonly run: { readonly spec: ProbeRunSpec } } | undefined;
}

/**
 * Returns the pods that a run in progress counts with, until its follow-up run has ended as well. The follow-up run starts
 * without being queued, when the pods of the first have ended, so the larger of both counts.
 */
function podsInProgress({ run: { metadata, spec }, followUp }: TestRun): readonly PodDemand[] {
  const first = podDemandsOf({ metadata, spec });
  const second = followUp ? podDemandsOf({ metadata, spec: followUp.run.spec }) : [];
  return second.length > first.length ? second : first;
}

/**
 * Updates the queue with the state of a test after a reconcile: whether its next run is queued, and which pods its run in
 * progress has. Between two attempts a run has no pods.
 */
export function updateQueue(
  queue: RunQueue,
  { metadata }: ConnectivityTest,
  { active, queued, current }: RepeatedRunState & { readonly current: TestRun | undefined },
): void {
  const key = keyOf(metadata);
  if (!queued) queue.leave(key);
  if (!active || active.repeat) queue.release(key);
  // An attempt that was just started is not the current run yet; the queue has its pods already.
  else if (current?.run.spec.run.id === active.id)
    queue.occupy(key, { namespace: metadata.namespace, pods: podsInProgress(current) });
}

export interface QueueSources {
  readonly tests: { get(key: string): ConnectivityTest | undefined; values(): Iterable<ConnectivityTest> };
  readonly runs: RunCaches["runs"];
  readonly pods: RunCaches["pods"];
}

/**
 * Fills the queue of a new leader from its caches: queued runs from the status of their tests, runs in progress from their
 * ProbeRuns. The first reconcile of each test corrects what is not up to date. Returns the runs in progress.
 */
export function restoreQueue(queue: RunQueue, { tests, runs, pods }: QueueSources): ProbeRun[] {
  const inProgress: ProbeRun[] = [];
  for (const { metadata, status } of tests.values())
    if (status.queued)
      queue.enter({
        key: keyOf(metadata),
        namespace: metadata.namespace,
        since: Date.parse(status.queued.since),
      });
  for (const key of new Set(runs.byIndex("unfinished", "").map(keyOfRun))) {
    const test = key === undefined ? undefined : tests.get(key);
    if (!test) continue;
    const { active: run, followUp } = runsOfTest(test, { runs, pods });
    if (!run) continue;
    inProgress.push(run);
    queue.occupy(keyOf(test.metadata), {
      namespace: test.metadata.namespace,
      pods: podsInProgress({ run, followUp: followUp.active }),
    });
  }
  return inProgress;
}
