import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { isPods } from "../../crds/expectation.ts";
import type { ProbeRun, ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { Observe } from "../cluster/observe.ts";
import { hasPods, targetChanges } from "../endpoints/targetChanges.ts";
import { triedPaths, type RunRecord, type TriedPath } from "../verdict/evidence.ts";
import type { RunWriter } from "./runWriter.ts";
import { isEveryRunFinished, type SyncResult } from "./syncTestRun.ts";

export interface RecheckTargets {
  readonly run: ProbeRun;
  /** Its follow-up run, if there was one. */
  readonly followUp?: RunRecord | undefined;
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
  followUp,
  test,
  observe,
  now,
}: RecheckTargets): Promise<ProbeRunStatus["targets"]> {
  const tried = [...triedPaths(run), ...(followUp ? triedPaths(followUp) : [])];
  if (run.status.targets || !tried.some(isDeniedByPods)) return undefined;
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

/** Checks once whether a run that has ended still has the targets of its plan, and records the result. */
export function createTargetRecheck({ runs, observe }: TargetRecheckOptions) {
  return async (test: ConnectivityTest, advanced: SyncResult, now: Date): Promise<SyncResult> => {
    if (!isEveryRunFinished(advanced)) return advanced;
    const { run, followUp } = advanced;
    const targets = await recheckTargets({ run, followUp: followUp?.run, test, observe, now });
    return targets ? { ...advanced, run: await runs.record(run, { ...run.status, targets }) } : advanced;
  };
}
