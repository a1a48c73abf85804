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
  /** The second look at it, if there was one. */
  readonly followUp?: RunRecord | undefined;
  /** Of the generation that the run was planned for. */
  readonly test: ConnectivityTest;
  readonly observe: Observe;
  readonly now: Date;
}

/**
 * What is to be recorded of the targets once a run has ended: whether the same pods stand behind them as when it was
 * planned. Undefined: it is recorded already, or the verdict does not ask, since only a denial rests on who was there. So
 * a run without denials costs no request, and another one as many as its plan did, for its targets alone.
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

/** Looks back, once, whether a run that has ended still has the targets that it was planned with, and records it. */
export function createTargetRecheck({ runs, observe }: TargetRecheckOptions) {
  return async (test: ConnectivityTest, advanced: SyncResult, now: Date): Promise<SyncResult> => {
    if (!isEveryRunFinished(advanced)) return advanced;
    const { run, followUp } = advanced;
    const targets = await recheckTargets({ run, followUp: followUp?.run, test, observe, now });
    return targets ? { ...advanced, run: await runs.record(run, { ...run.status, targets }) } : advanced;
  };
}
