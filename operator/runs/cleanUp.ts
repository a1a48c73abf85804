import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { isPodFinished } from "./progress.ts";
import { podsOfRun, type TestRuns } from "./testRuns.ts";

/** How long `keepProbePods: OnFailure` keeps the pods after the end of the run, in milliseconds. */
export const KEEP_DURATION = 3_600_000;

export interface CleanUpPlan {
  readonly runs: readonly ProbeRun[];
  readonly pods: readonly ProbePod[];
  /** When the kept pods are due for deletion. */
  readonly requeueAt?: Date;
}

/**
 * Returns the objects to delete: the runs that the status no longer describes, with their pods, and the pods of runs
 * whose results are recorded. Only the end of a run shows whether it failed, so `keepProbePods: OnFailure` keeps all
 * pods of a run in progress. Witnesses are never kept.
 */
export function planCleanUp(test: ConnectivityTest, testRuns: TestRuns, now: Date): CleanUpPlan {
  const { ended, obsolete } = testRuns;
  const keepUntil = ended && keptUntil(test, ended);
  const keep = keepUntil !== undefined && now < keepUntil;
  const { past, underWay, witnesses } = runsByRole(testRuns);
  const left = withChildRuns(past, testRuns).flatMap((run) => [...podsOfRun(run, testRuns.pods).values()]);
  const served = withChildRuns(underWay, testRuns).flatMap((run) => recordedPods(run, testRuns.pods));
  return {
    runs: obsolete,
    pods: [
      ...(keep ? [] : left),
      ...(test.spec.keepProbePods === "Never" ? served : []),
      ...witnesses.flatMap((witness) => recordedPods(witness, testRuns.pods)),
    ].filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    ...(keep && left.length > 0 && { requeueAt: keepUntil }),
  };
}

/** Includes follow-up runs. */
function runsByRole({ active, ended, witness, followUp }: TestRuns) {
  const present = (runs: readonly (ProbeRun | undefined)[]) => runs.filter((run) => run !== undefined);
  const seconds = [followUp.active?.witness, followUp.ended?.witness];
  return {
    past: present([ended, followUp.ended?.run]),
    underWay: present([active, followUp.active?.run]),
    witnesses: present([witness.active, witness.ended, ...seconds]),
  };
}

/** The runs, with their child runs. */
function withChildRuns(runs: readonly ProbeRun[], { childRuns }: TestRuns): readonly ProbeRun[] {
  const uids = new Set(runs.map(({ metadata }) => metadata.uid));
  return [...runs, ...childRuns.filter(({ spec }) => uids.has(spec.parent?.uid ?? ""))];
}

function keptUntil({ spec, status }: ConnectivityTest, run: ProbeRun): Date | undefined {
  if (spec.keepProbePods === "Never" || status.history?.[0]?.verdict === "Passed") return undefined;
  return new Date(new Date(run.status.finishedAt ?? 0).getTime() + KEEP_DURATION);
}

function recordedPods(run: ProbeRun, pods: readonly ProbePod[]): ProbePod[] {
  const done = new Set(run.status.pods.filter(isPodFinished).map(({ name }) => name));
  return [...podsOfRun(run, pods).values()].filter(({ metadata }) => done.has(metadata.name));
}
