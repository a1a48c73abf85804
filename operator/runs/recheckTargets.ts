import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { isPods } from "../../crds/expectation.ts";
import type { ProbeRun, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { Observe } from "../cluster/observe.ts";
import { hasPods, targetChanges } from "../endpoints/targetChanges.ts";
import { inTurn } from "../runtime/turns.ts";
import type { TriedPath } from "../verdict/evidence.ts";
import { judgeRun, type JudgedRun } from "../verdict/judgePath.ts";
import type { RunWriter } from "./runWriter.ts";
import { isEveryRunFinished, type SyncResult } from "./syncTestRun.ts";

export interface RecheckTargets {
  readonly run: ProbeRun;
  /** It and its follow-up run, if there was one. */
  readonly judged: readonly JudgedRun[];
  /** The test, with the spec of the generation that the run was planned for. */
  readonly test: ConnectivityTest;
  readonly observe: Observe;
  readonly now: Date;
}

/**
 * Returns the target status to record once a run has ended: whether the same pods are behind the targets as when it
 * was planned. Undefined if it is recorded already, or if the verdict does not need it, because only a denial depends
 * on the pods. So a run without denials costs no request, and any other run as many as its plan did for the targets
 * alone.
 */
export async function recheckTargets({
  run,
  judged,
  test,
  observe,
  now,
}: RecheckTargets): Promise<ProbeRunStatus["targets"]> {
  if (run.status.targets || !judged.some(({ evidence }) => evidence.run.some(isDeniedByPods)))
    return undefined;
  const expectations = test.spec.expectations.filter(({ to }) => to && (to.service ?? isPods(to)));
  const snapshot = await observe({ ...test, spec: { ...test.spec, expectations } });
  return {
    recheckedAt: now.toISOString(),
    changes: targetChanges({ spec: run.spec, test, snapshot }),
  };
}

function isDeniedByPods({ plan, settlement }: TriedPath): boolean {
  return hasPods(plan) && settlement?.state === "Settled" && settlement.actual === "Denied";
}

export interface TargetRecheckOptions {
  readonly runs: RunWriter;
  readonly observe: Observe;
}

/** A run after the recheck of its targets. */
export interface RecheckedRun extends SyncResult {
  /** Undefined if the run or its follow-up run has not ended. */
  readonly judgedRuns?: JudgedTestRun;
}

interface JudgedTestRun {
  readonly first: JudgedRun;
  readonly followUp?: JudgedRun | undefined;
}

/** Checks once whether a run that has ended still has the targets of its plan, and records the result. */
export function createTargetRecheck({ runs, observe }: TargetRecheckOptions) {
  return async (test: ConnectivityTest, advanced: SyncResult, now: Date): Promise<RecheckedRun> => {
    if (!isEveryRunFinished(advanced)) return advanced;
    const { followUp: second } = advanced;
    const first = advanced.judged ?? (await inTurn(() => judgeRun(advanced)));
    const followUp = second && (await inTurn(() => judgeRun(second)));
    const judged = followUp ? [first, followUp] : [first];
    const targets = await recheckTargets({ run: advanced.run, judged, test, observe, now });
    if (!targets) return { ...advanced, judgedRuns: { first, followUp } };
    const run = await runs.record(advanced.run, { ...advanced.run.status, targets });
    const isUnchanged = targets.changes.length === 0;
    const rejudged = isUnchanged ? first : await inTurn(() => judgeRun({ ...advanced, run }));
    return { ...advanced, run, judgedRuns: { first: rejudged, followUp } };
  };
}
