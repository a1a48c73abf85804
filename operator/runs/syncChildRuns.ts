import { keyOf } from "../../crds/object.ts";
import type { PodStatus, ProbeRun } from "../../crds/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { planBranches, type BranchPlan } from "../planning/childRunPlan.ts";
import { ApiError, type Api } from "../runtime/api.ts";
import { later } from "../runtime/clock.ts";
import type { JustMade } from "../runtime/mutationCache.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { createBranchRun, isRefusal, sweep, unheard } from "./runClient.ts";

/** How soon a branch that is on its way out is asked for again, in milliseconds. */
const ASK_AGAIN = 5_000;

export interface BranchAdvancerOptions {
  readonly api: Api;
  /** Runs that were just written, which the caches may not show yet. */
  readonly freshRuns: JustMade<ProbeRun>;
  /** Brings the pods of one run one step further. */
  readonly advanceOne: (look: {
    readonly run: ProbeRun;
    readonly pods: readonly ProbePod[];
    readonly waitUntil: Date | undefined;
    readonly now: Date;
  }) => Promise<AdvancedBranch>;
}

/** A run under way, and what is known of its branches. */
export interface BranchesUnderWay {
  readonly run: ProbeRun;
  readonly branches: readonly ProbeRun[];
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
export function createBranchAdvancer({ api, freshRuns, advanceOne }: BranchAdvancerOptions) {
  /** Resolves to the API server's refusal, if that is what it comes to. */
  async function branchOf(plan: BranchPlan, seen: ProbeRun | undefined): Promise<ProbeRun | ApiError> {
    const known = seen ?? freshRuns.get(keyOf(plan));
    if (known) return known;
    try {
      const made = await createBranchRun(api, plan);
      freshRuns.set(keyOf(plan), made);
      return made;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error;
    }
  }

  async function advanceBranch(
    plan: BranchPlan,
    look: BranchesUnderWay,
    now: Date,
  ): Promise<AdvancedBranch[]> {
    const seen = look.branches.find((branch) => isBranch(branch, plan));
    if (plan.grant && look.revoked.includes(keyOf(plan.grant))) {
      await sweep(api, { runs: seen ? [seen] : [], pods: [] });
      return [];
    }
    const run = await branchOf(plan, seen);
    if (run instanceof ApiError) return [{ run: unheard(plan.spec, run.message) }];
    if (run.metadata.deletionTimestamp !== undefined)
      return [{ run: { spec: plan.spec, status: run.status }, lookAgainAt: later(now, ASK_AGAIN) }];
    return [await advanceOne({ run, pods: look.pods, waitUntil: look.waitUntil, now })];
  }

  return async (look: BranchesUnderWay, now: Date): Promise<AdvancedBranch[]> => {
    const wanted = planBranches(look.run).filter((plan) => !isRecorded(plan, look.run));
    return (await Promise.all(wanted.map((plan) => advanceBranch(plan, look, now)))).flat();
  };
}

const isBranch = ({ metadata, spec }: ProbeRun, { namespace, name, spec: planned }: BranchPlan) =>
  metadata.namespace === namespace && metadata.name === name && spec.home?.uid === planned.home?.uid;

/** Whether the run knows already how all of the branch's pods fared: then the branch has served. */
function isRecorded({ spec }: BranchPlan, { status }: ProbeRun): boolean {
  const isEnded = ({ phase }: PodStatus) => phase === "Finished" || phase === "NotRun";
  return spec.pods.every(({ name }) => status.pods.some((pod) => pod.name === name && isEnded(pod)));
}
