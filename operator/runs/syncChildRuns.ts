import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { planChildRuns, type ChildRunPlan } from "../planning/childRunPlan.ts";
import type { Api } from "../runtime/api.ts";
import { ApiError } from "../runtime/apiError.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { isPodFinished, isTerminatingRun } from "./progress.ts";
import { deleteAll, orRejection, rejectedRun } from "./runClient.ts";
import { identityOfChildRun, asTerminating, type RunWriter } from "./runWriter.ts";

export interface ChildRunSyncerOptions {
  readonly api: Api;
  readonly runs: RunWriter;
  /** Syncs the pods of one run. */
  readonly syncPods: (active: {
    readonly run: ProbeRun;
    readonly pods: readonly ProbePod[];
    readonly waitUntil: Date | undefined;
    readonly now: Date;
  }) => Promise<SyncedChildRun>;
}

/** A run in progress that may have child runs. */
export interface ParentRunToSync {
  readonly run: ProbeRun;
  readonly pods: readonly ProbePod[];
  /** The grants that no longer apply, by `namespace/name`. */
  readonly revoked: readonly string[];
  /** Until then their pods wait for the witnesses of the run. */
  readonly waitUntil: Date | undefined;
}

export interface SyncedChildRun {
  readonly run: RunRecord;
  readonly requeueAt?: Date | undefined;
}

/**
 * Syncs the child runs of a run, as long as they are needed. If a grant no longer applies, the child run is deleted
 * instead, and its probe pods with it: a changed grant still exists, so garbage collection would keep them.
 */
export function createChildRunSyncer({ api, runs, syncPods }: ChildRunSyncerOptions) {
  async function syncChildRun(
    plan: ChildRunPlan,
    active: ParentRunToSync,
    now: Date,
  ): Promise<SyncedChildRun[]> {
    const known = runs.get(identityOfChildRun(plan));
    if (plan.grant && active.revoked.includes(keyOf(plan.grant))) {
      await deleteAll(api, { runs: known && !isTerminatingRun(known) ? [known] : [], pods: [] });
      return [];
    }
    const childRun = known ?? (await orRejection(runs.create(identityOfChildRun(plan), plan.spec)));
    if (childRun instanceof ApiError) return [{ run: rejectedRun(plan.spec, childRun.message) }];
    // A branch of a run of the same name that was deleted: what it has recorded is of another plan.
    const isOwn = childRun.spec.parent?.uid === plan.spec.parent?.uid;
    const run = isOwn
      ? childRun
      : asTerminating(childRun, plan.spec, { since: active.run.metadata.creationTimestamp, now });
    return [await syncPods({ run, pods: active.pods, waitUntil: active.waitUntil, now })];
  }

  return async (active: ParentRunToSync, now: Date): Promise<SyncedChildRun[]> => {
    const wanted = planChildRuns(active.run).filter((plan) => !isChildRunRecorded(plan, active.run));
    return (await Promise.all(wanted.map((plan) => syncChildRun(plan, active, now)))).flat();
  };
}

/** Reports whether the run has the results of all pods of the child run, which is then no longer needed. */
function isChildRunRecorded({ spec }: ChildRunPlan, { status }: ProbeRun): boolean {
  return spec.pods.every(({ name }) => status.pods.some((pod) => pod.name === name && isPodFinished(pod)));
}
