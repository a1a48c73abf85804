import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Observe } from "../cluster/observe.ts";
import { createSecondObserver } from "../cluster/observeFollowUp.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { ApiError } from "../runtime/api.ts";
import { earliest } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Look } from "../verdict/judge.ts";
import { trialOf } from "../verdict/judgePath.ts";
import { learnedFrom, planSecondLook, wanting } from "./followUpRun.ts";
import { isTerminatingRun } from "./progress.ts";
import { orRefusal, unheard } from "./runClient.ts";
import { identityOfRun, asTerminating } from "./runWriter.ts";
import { createAdvancer, isOver, type AdvancedLook, type AdvancerOptions } from "./syncRun.ts";
import { isOlderThanRun } from "./testRuns.ts";

/** The first look at a run, one step further, and the second one where there is one. */
export interface SyncResult extends AdvancedLook {
  readonly again?: Look;
}

/** Whether every look at the run has ended. */
export function isEveryRunFinished({ again, ...first }: SyncResult): boolean {
  return isOver(first) && (again === undefined || isOver(again));
}

export interface ActiveTestRun {
  readonly test: ConnectivityTest;
  /** Its first look. */
  readonly run: ProbeRun;
  /** The probe pods of the test. */
  readonly pods: readonly ProbePod[];
}

export interface TestRunSyncerOptions extends AdvancerOptions {
  readonly observe: Observe;
  readonly witness: WitnessSettings;
  readonly log: Log;
}

export type SyncTestRun = (underWay: ActiveTestRun, now: Date) => Promise<SyncResult>;

/**
 * Creates the pods that are missing, of the run and of its witnesses, and records what those that ended have told. Where
 * that leaves something to be asked, and somebody may ask it, a second look begins, and no third.
 */
export function createTestRunSyncer(options: TestRunSyncerOptions): SyncTestRun {
  const { api, runs, observe, witness: settings, log } = options;
  const observeAgain = createSecondObserver(api, observe);
  const advanceLook = createAdvancer(options);

  async function secondLook({ test, pods }: ActiveTestRun, first: AdvancedLook, now: Date) {
    const { metadata, spec } = first.run;
    const which = identityOfRun(metadata.namespace, { ...spec, run: { ...spec.run, again: true } });
    const known = runs.get(which);
    if (known && !isOlderThanRun(known, first.run)) return advanceLook({ run: known, pods }, now);
    const plan = await planAgain(test, first);
    if (!plan) return undefined;
    const since = first.run.status.finishedAt;
    if (known) return advanceLook({ run: asTerminating(known, plan, { since, now }), pods }, now);
    const made = await orRefusal(runs.create(which, plan));
    // A run whose second look the API server will not have ends with its first one.
    if (made instanceof ApiError) return { run: unheard(plan, made.message) };
    log.info("second look begun", {
      test: keyOf(test.metadata),
      run: plan.run.id,
      paths: plan.paths.length,
    });
    return advanceLook({ run: made, pods }, now);
  }

  async function planAgain(test: ConnectivityTest, { run, witness }: AdvancedLook) {
    const left = settings.enabled ? wanting(trialOf(run, witness)) : [];
    if (left.length === 0) return undefined;
    const surroundings = await observeAgain(test, learnedFrom(left));
    return planSecondLook({ run, witness }, { surroundings, settings });
  }

  return async (underWay, now) => {
    const first = await advanceLook(underWay, now);
    const mayFollow = isOver(first) && !isTerminatingRun(first.run);
    const again = mayFollow ? await secondLook(underWay, first, now) : undefined;
    if (!again) return first;
    const lookAgainAt = earliest([first.lookAgainAt, "lookAgainAt" in again ? again.lookAgainAt : undefined]);
    return { ...first, again, lookAgainAt };
  };
}
