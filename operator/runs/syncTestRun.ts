import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Observe } from "../cluster/observe.ts";
import { createFollowUpObserver } from "../cluster/observeFollowUp.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { ApiError } from "../runtime/api.ts";
import { earliest } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { RunWithWitness } from "../verdict/judge.ts";
import { runEvidenceOf } from "../verdict/judgePath.ts";
import { pathsToFollowUp, planFollowUp, resolvedAddressesOf } from "./followUpRun.ts";
import { isTerminatingRun } from "./progress.ts";
import { orRejection, rejectedRun } from "./runClient.ts";
import { identityOfRun, asTerminating } from "./runWriter.ts";
import { createRunSyncer, isRunFinished, type RunSyncerOptions, type SyncedRun } from "./syncRun.ts";
import { isOlderThanRun } from "./testRuns.ts";

/** The first run after a sync, and its follow-up run if there is one. */
export interface SyncResult extends SyncedRun {
  readonly followUp?: RunWithWitness;
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
  readonly observe: Observe;
  readonly witness: WitnessSettings;
  readonly log: Log;
}

export type SyncTestRun = (active: ActiveTestRun, now: Date) => Promise<SyncResult>;

/**
 * Creates the missing pods of the run and of its witnesses, and records the results of those that have ended. If that
 * leaves a question open that witnesses may answer, it starts the follow-up run, and never another.
 */
export function createTestRunSyncer(options: TestRunSyncerOptions): SyncTestRun {
  const { api, runs, observe, witness: settings, log } = options;
  const observeFollowUp = createFollowUpObserver(api, observe);
  const syncRunAndWitnesses = createRunSyncer(options);

  async function syncFollowUp({ test, pods }: ActiveTestRun, first: SyncedRun, now: Date) {
    const { metadata, spec } = first.run;
    const which = identityOfRun(metadata.namespace, { ...spec, run: { ...spec.run, followUp: true } });
    const known = runs.get(which);
    if (known && !isOlderThanRun(known, first.run)) return syncRunAndWitnesses({ run: known, pods }, now);
    const plan = await planRest(test, first);
    if (!plan) return undefined;
    const since = first.run.status.finishedAt;
    if (known) return syncRunAndWitnesses({ run: asTerminating(known, plan, { since, now }), pods }, now);
    const made = await orRejection(runs.create(which, plan));
    // If the API server rejects the follow-up run, the run ends with the results that it has.
    if (made instanceof ApiError) return { run: rejectedRun(plan, made.message) };
    log.info("follow-up run started", {
      test: keyOf(test.metadata),
      run: plan.run.id,
      paths: plan.paths.length,
    });
    return syncRunAndWitnesses({ run: made, pods }, now);
  }

  async function planRest(test: ConnectivityTest, { run, witness }: SyncedRun) {
    const left = settings.enabled ? pathsToFollowUp(runEvidenceOf(run, witness)) : [];
    if (left.length === 0) return undefined;
    const snapshot = await observeFollowUp(test, resolvedAddressesOf(left));
    return planFollowUp({ run, witness }, { snapshot, settings });
  }

  return async (active, now) => {
    const first = await syncRunAndWitnesses(active, now);
    const mayFollow = isRunFinished(first) && !isTerminatingRun(first.run);
    const followUp = mayFollow ? await syncFollowUp(active, first, now) : undefined;
    if (!followUp) return first;
    const requeueAt = earliest([first.requeueAt, "requeueAt" in followUp ? followUp.requeueAt : undefined]);
    return { ...first, followUp, requeueAt };
  };
}
