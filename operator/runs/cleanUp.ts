import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { podsOfRun, type Seen } from "./testRuns.ts";

/** How long `keepProbePods: OnFailure` keeps them after the end of the run, in milliseconds. */
export const KEPT_FOR = 3_600_000;

export interface CleanUp {
  readonly runs: readonly ProbeRun[];
  readonly pods: readonly ProbePod[];
  /** When kept pods are due to go. */
  readonly lookAgainAt?: Date;
}

/**
 * What may go: the runs that nothing tells of any more, and the pods of runs whose results are recorded. Pods of an
 * obsolete run go with it. Whether a run will fail is known at its end only, so `keepProbePods: OnFailure` keeps all pods
 * of the run under way; witnesses are never kept.
 */
export function cleanUp(test: ConnectivityTest, seen: Seen, now: Date): CleanUp {
  const { ended, obsolete } = seen;
  const keepUntil = ended && keptUntil(test, ended);
  const keep = keepUntil !== undefined && now < keepUntil;
  const { past, underWay, witnesses } = looksOf(seen);
  const left = withBranches(past, seen).flatMap((run) => [...podsOfRun(run, seen.pods).values()]);
  const served = withBranches(underWay, seen).flatMap((run) => recorded(run, seen.pods));
  return {
    runs: obsolete,
    pods: [
      ...(keep ? [] : left),
      ...(test.spec.keepProbePods === "Never" ? served : []),
      ...witnesses.flatMap((witness) => recorded(witness, seen.pods)),
    ].filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    ...(keep && left.length > 0 && { lookAgainAt: keepUntil }),
  };
}

/** First and second looks alike. */
function looksOf({ active, ended, witness, again }: Seen) {
  const present = (runs: readonly (ProbeRun | undefined)[]) => runs.filter((run) => run !== undefined);
  const seconds = [again.active?.witness, again.ended?.witness];
  return {
    past: present([ended, again.ended?.run]),
    underWay: present([active, again.active?.run]),
    witnesses: present([witness.active, witness.ended, ...seconds]),
  };
}

/** The runs, and what they have in other namespaces. */
function withBranches(runs: readonly ProbeRun[], { branches }: Seen): readonly ProbeRun[] {
  const uids = new Set(runs.map(({ metadata }) => metadata.uid));
  return [...runs, ...branches.filter(({ spec }) => uids.has(spec.home?.uid ?? ""))];
}

function keptUntil({ spec, status }: ConnectivityTest, run: ProbeRun): Date | undefined {
  if (spec.keepProbePods === "Never" || status.history?.[0]?.verdict === "Passed") return undefined;
  return new Date(new Date(run.status.finishedAt ?? 0).getTime() + KEPT_FOR);
}

function recorded(run: ProbeRun, pods: readonly ProbePod[]): ProbePod[] {
  const done = new Set(
    run.status.pods.filter(({ phase }) => phase === "Finished" || phase === "NotRun").map(({ name }) => name),
  );
  return [...podsOfRun(run, pods).values()].filter(({ metadata }) => done.has(metadata.name));
}
