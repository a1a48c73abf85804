import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { isStarting, type ProbePod } from "../cluster/probePod.ts";
import { podDemandsOf, type PodInProgress } from "../planning/podDemand.ts";
import { keyOfRun } from "../runs/ownerKeys.ts";
import { isPodFinished } from "../runs/progress.ts";
import { runsOfTest, type RunCaches } from "../runs/testRuns.ts";
import { earliest, later } from "../runtime/clock.ts";
import type { RunWithWitness } from "../verdict/runEvidence.ts";
import type { RepeatedRunState } from "./repeatRun.ts";
import type { RunQueue } from "./runQueue.ts";

/**
 * How long a pod counts as starting at most, in milliseconds from the creation of its ProbeRun. One that takes longer waits for
 * something, such as its image, and does not keep others waiting.
 */
const LONGEST_START = 20_000;

/** A run with its witnesses, and its follow-up run if there is one. */
interface TestRun extends RunWithWitness {
  readonly run: ProbeRun;
  readonly followUp?: RunWithWitness | undefined;
}

interface ObservedPods {
  /** The cached probe pods of the test. */
  readonly pods: readonly ProbePod[];
  readonly now: Date;
}

interface RunPods {
  readonly pods: readonly PodInProgress[];
  /** When a pod that is still starting counts as such no longer. */
  readonly requeueAt: Date | undefined;
}

/**
 * Returns the pods that a run in progress counts with, until its follow-up run has ended as well. The follow-up run starts
 * without being queued, when the pods of the first have ended, so the larger of both counts.
 */
function podsInProgress({ run, witness, followUp }: TestRun, { pods, now }: ObservedPods): RunPods {
  const { namespace } = run.metadata;
  const first = podDemandsOf({ metadata: { namespace }, spec: run.spec });
  const second = followUp ? podDemandsOf({ metadata: { namespace }, spec: followUp.run.spec }) : [];
  const known = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  const over = new Set(
    [run, witness, followUp?.run, followUp?.witness]
      .flatMap((one) => one?.status.pods ?? [])
      .filter((pod) => isPodFinished(pod) || pod.refused === true)
      .map(({ name }) => name),
  );
  const startingUntil = (name: string): Date | undefined => {
    const pod = known.get(name);
    if (pod ? !isStarting(pod) : over.has(name)) return undefined;
    const until = later(new Date((pod?.metadata ?? run.metadata).creationTimestamp ?? now), LONGEST_START);
    return until > now ? until : undefined;
  };
  const ends = new Map([...first, ...second].map(({ name }) => [name, startingUntil(name)]));
  const counted = [...second, ...first.slice(second.length)];
  return {
    pods: counted.map(({ name, ...pod }) => ({ ...pod, isStarting: ends.get(name) !== undefined })),
    requeueAt: earliest([...ends.values()]),
  };
}

/**
 * Updates the queue with the state of a test after a reconcile: whether its next run is queued, and which pods its run in
 * progress has. Between two attempts a run has no pods. Returns when that changes without a change in the cluster.
 */
export function updateQueue(
  queue: RunQueue,
  { metadata }: ConnectivityTest,
  {
    active,
    queued,
    current,
    ...observed
  }: RepeatedRunState & ObservedPods & { readonly current: TestRun | undefined },
): Date | undefined {
  const key = keyOf(metadata);
  if (!queued) queue.leave(key);
  if (!active || active.repeat) queue.release(key);
  // An attempt that was just started is not the current run yet; the queue has its pods already.
  else if (current?.run.spec.run.id === active.id) {
    const { pods, requeueAt } = podsInProgress(current, observed);
    queue.occupy(key, { namespace: metadata.namespace, pods });
    return requeueAt;
  }
  return undefined;
}

export interface QueueSources {
  readonly tests: { get(key: string): ConnectivityTest | undefined; values(): Iterable<ConnectivityTest> };
  readonly runs: RunCaches["runs"];
  readonly pods: RunCaches["pods"];
  readonly now: Date;
}

/**
 * Fills the queue of a new leader from its caches: queued runs from the status of their tests, runs in progress from their
 * ProbeRuns. The first reconcile of each test corrects what is not up to date, and whether its run is awaited. Returns the runs in progress.
 */
export function restoreQueue(queue: RunQueue, { tests, runs, pods, now }: QueueSources): ProbeRun[] {
  const inProgress: ProbeRun[] = [];
  for (const { metadata, status } of tests.values())
    if (status.queued)
      queue.enter({
        key: keyOf(metadata),
        namespace: metadata.namespace,
        since: Date.parse(status.queued.since),
        isAwaited: false,
      });
  for (const key of new Set(runs.byIndex("unfinished", "").map(keyOfRun))) {
    const test = key === undefined ? undefined : tests.get(key);
    if (!test) continue;
    const { active: run, witness, followUp, pods: own } = runsOfTest(test, { runs, pods });
    if (!run) continue;
    inProgress.push(run);
    const current = { run, witness: witness.active, followUp: followUp.active };
    queue.occupy(keyOf(test.metadata), {
      namespace: test.metadata.namespace,
      pods: podsInProgress(current, { pods: own, now }).pods,
    });
  }
  return inProgress;
}
