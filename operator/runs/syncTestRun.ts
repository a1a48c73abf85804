import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ObserveFollowUp } from "../cluster/observeFollowUp.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { ApiError } from "../runtime/apiError.ts";
import { earliest } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { judgeRun, type JudgedRun } from "../verdict/judgePath.ts";
import type { RunWithWitness } from "../verdict/runEvidence.ts";
import { pathsToFollowUp, planFollowUp, resolvedAddressesOf } from "./followUpRun.ts";
import { isTerminatingRun } from "./progress.ts";
import { orRejection, rejectedRun } from "./runClient.ts";
import { identityOfRun, asTerminating } from "./runWriter.ts";
import { createRunSyncer, isRunFinished, type RunSyncerOptions, type SyncedRun } from "./syncRun.ts";
import { isOlderThanRun } from "./testRuns.ts";

/** The first run after a sync, and its follow-up run if there is one. */
export interface SyncResult extends SyncedRun, FollowUpState {}

interface FollowUpState {
  readonly followUp?: RunWithWitness & Pick<SyncedRun, "requeueAt">;
  /** The first run as it was judged to plan its follow-up run; undefined if there was no need to. */
  readonly judged?: JudgedRun | undefined;
}

/** Reports whether the run and its follow-up run have ended. */
export function isEveryRunFinished({ followUp, ...first }: SyncResult): boolean {
  return isRunFinished(first) && (followUp === undefined || isRunFinished(followUp));
}

export interface ActiveTestRun {
  readonly test: ConnectivityTest;
  /** Its first run. */
  readonly run: ProbeRun;
  /** The probe pods of the test. */
  readonly pods: readonly ProbePod[];
}

export interface TestRunSyncerOptions extends RunSyncerOptions {
  readonly observeFollowUp: ObserveFollowUp;
  readonly witness: WitnessSettings;
  readonly log: Log;
}

export type SyncTestRun = (active: ActiveTestRun, now: Date) => Promise<SyncResult>;

/**
 * Creates the missing pods of the run and of its witnesses, and records the results of those that have ended. If that
 * leaves a question open that witnesses may answer, it starts the follow-up run, and never another.
 */
export function createTestRunSyncer(options: TestRunSyncerOptions): SyncTestRun {
  const { runs, observeFollowUp, witness: settings, log } = options;
  const syncRunAndWitnesses = createRunSyncer(options);

  async function syncFollowUp(
    { test, pods }: ActiveTestRun,
    first: SyncedRun,
    now: Date,
  ): Promise<FollowUpState> {
    const { metadata, spec } = first.run;
    const which = identityOfRun(metadata.namespace, { ...spec, run: { ...spec.run, followUp: true } });
    const known = runs.get(which);
    if (known && !isOlderThanRun(known, first.run))
      return { followUp: await syncRunAndWitnesses({ run: known, pods }, now) };
    const judged = judgeRun(first);
    const plan = await planRest(test, judged);
    if (!plan) return { judged };
    const since = first.run.status.finishedAt;
    if (known) {
      const run = asTerminating(known, plan, { since, now });
      return { judged, followUp: await syncRunAndWitnesses({ run, pods }, now) };
    }
    const made = await orRejection(runs.create(which, plan));
    // If the API server rejects the follow-up run, the run ends with the results that it has.
    if (made instanceof ApiError) return { judged, followUp: { run: rejectedRun(plan, made.message) } };
    log.info("follow-up run started", {
      test: keyOf(test.metadata),
      run: plan.run.id,
      paths: plan.paths.length,
    });
    return { judged, followUp: await syncRunAndWitnesses({ run: made, pods }, now) };
  }

  async function planRest(test: ConnectivityTest, judged: JudgedRun) {
    const left = settings.enabled ? pathsToFollowUp(judged) : [];
    if (left.length === 0) return undefined;
    const snapshot = await observeFollowUp(test, resolvedAddressesOf(left));
    return planFollowUp(judged, { namespace: test.metadata.namespace, snapshot, settings });
  }

  return async (active, now) => {
    const first = await syncRunAndWitnesses(active, now);
    if (!isRunFinished(first) || isTerminatingRun(first.run)) return first;
    const state = await syncFollowUp(active, first, now);
    return { ...first, ...state, requeueAt: earliest([first.requeueAt, state.followUp?.requeueAt]) };
  };
}
