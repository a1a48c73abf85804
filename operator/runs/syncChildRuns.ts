import { keyOf } from "../../crds/metadata.ts";
import type { PodStatus, ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { planBranches, type BranchPlan } from "../planning/childRunPlan.ts";
import { ApiError, type Api } from "../runtime/api.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { isTerminatingRun } from "./progress.ts";
import { orRefusal, sweep, unheard } from "./runClient.ts";
import { identityOfChildRun, asTerminating, type RunWriter } from "./runWriter.ts";

export interface BranchAdvancerOptions {
  readonly api: Api;
  readonly runs: RunWriter;
  /** Brings the pods of one run one step further. */
  readonly advanceOne: (look: {
    readonly run: ProbeRun;
    readonly pods: readonly ProbePod[];
    readonly waitUntil: Date | undefined;
    readonly now: Date;
  }) => Promise<AdvancedBranch>;
}

/** A run under way that may have branches. */
export interface BranchesUnderWay {
  readonly run: ProbeRun;
  readonly pods: readonly ProbePod[];
  /** Which grants are no more, by `namespace/name`. */
  readonly revoked: readonly string[];
  /** Until then their pods wait for witnesses of the run. */
  readonly waitUntil: Date | undefined;
}

export interface AdvancedBranch {
  readonly run: RunRecord;
  readonly lookAgainAt?: Date | undefined;
}

/**
 * Brings what a run has in other namespaces one step further, as long as it is needed. Where the grant is no more, the
 * branch is deleted instead, and its probe pods with it: who has the grant changed keeps it, and so would the branch.
 */
export function createBranchAdvancer({ api, runs, advanceOne }: BranchAdvancerOptions) {
  async function advanceBranch(
    plan: BranchPlan,
    look: BranchesUnderWay,
    now: Date,
  ): Promise<AdvancedBranch[]> {
    const known = runs.get(identityOfChildRun(plan));
    if (plan.grant && look.revoked.includes(keyOf(plan.grant))) {
      await sweep(api, { runs: known && !isTerminatingRun(known) ? [known] : [], pods: [] });
      return [];
    }
    const branch = known ?? (await orRefusal(runs.create(identityOfChildRun(plan), plan.spec)));
    if (branch instanceof ApiError) return [{ run: unheard(plan.spec, branch.message) }];
    // A branch of a run of the same name that was deleted: what it has recorded is of another plan.
    const isOwn = branch.spec.home?.uid === plan.spec.home?.uid;
    const run = isOwn
      ? branch
      : asTerminating(branch, plan.spec, { since: look.run.metadata.creationTimestamp, now });
    return [await advanceOne({ run, pods: look.pods, waitUntil: look.waitUntil, now })];
  }

  return async (look: BranchesUnderWay, now: Date): Promise<AdvancedBranch[]> => {
    const wanted = planBranches(look.run).filter((plan) => !isRecorded(plan, look.run));
    return (await Promise.all(wanted.map((plan) => advanceBranch(plan, look, now)))).flat();
  };
}

/** Whether the run knows already how all of the branch's pods fared: then the branch has served. */
function isRecorded({ spec }: BranchPlan, { status }: ProbeRun): boolean {
  const isEnded = ({ phase }: PodStatus) => phase === "Finished" || phase === "NotRun";
  return spec.pods.every(({ name }) => status.pods.some((pod) => pod.name === name && isEnded(pod)));
}
