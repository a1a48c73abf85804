import { keyOf } from "../../crds/metadata.ts";
import type { PodStatus, ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { planChildRuns, type ChildRunPlan } from "../planning/childRunPlan.ts";
import { ApiError, type Api } from "../runtime/api.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { isTerminatingRun } from "./progress.ts";
import { deleteAll, orRejection, rejectedRun } from "./runClient.ts";
import { identityOfChildRun, asTerminating, type RunWriter } from "./runWriter.ts";

export interface ChildRunSyncerOptions {
  readonly api: Api;
  readonly runs: RunWriter;
  /** Brings the pods of one run one step further. */
  readonly syncPods: (active: {
    readonly run: ProbeRun;
    readonly pods: readonly ProbePod[];
    readonly waitUntil: Date | undefined;
    readonly now: Date;
  }) => Promise<SyncedChildRun>;
}

/** A run under way that may have branches. */
export interface ParentRunToSync {
  readonly run: ProbeRun;
  readonly pods: readonly ProbePod[];
  /** Which grants are no more, by `namespace/name`. */
  readonly revoked: readonly string[];
  /** Until then their pods wait for witnesses of the run. */
  readonly waitUntil: Date | undefined;
}

export interface SyncedChildRun {
  readonly run: RunRecord;
  readonly requeueAt?: Date | undefined;
}

/**
 * Brings what a run has in other namespaces one step further, as long as it is needed. Where the grant is no more, the
 * branch is deleted instead, and its probe pods with it: who has the grant changed keeps it, and so would the branch.
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

/** Whether the run knows already how all of the branch's pods fared: then the branch has served. */
function isChildRunRecorded({ spec }: ChildRunPlan, { status }: ProbeRun): boolean {
  const isEnded = ({ phase }: PodStatus) => phase === "Finished" || phase === "NotRun";
  return spec.pods.every(({ name }) => status.pods.some((pod) => pod.name === name && isEnded(pod)));
}
