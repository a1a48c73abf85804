import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { controllerOf, keyOf } from "../../crds/metadata.ts";
import { attemptOf, isOutdated, type ProbeRun, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { runNameSuffix } from "../planning/names.ts";
import type { Indexed } from "../runtime/indexes.ts";
import type { PodIndex, RunIndex } from "./indexers.ts";
import { isUnowned, isWitnessRun } from "./ownerKeys.ts";
import { hasTestedSpec } from "./testedSpec.ts";

/** The cached objects of one test. */
export interface TestRuns {
  /** The run in progress, of the test's current spec. */
  readonly active: ProbeRun | undefined;
  /** The run that the status describes. It is kept, so that users can read all its paths. */
  readonly ended: ProbeRun | undefined;
  /** Runs of an older spec, and ended ones that a later one has replaced. */
  readonly obsolete: readonly ProbeRun[];
  /** The witnesses of the run in progress, and those of the run that has ended. */
  readonly witness: { readonly active: ProbeRun | undefined; readonly ended: ProbeRun | undefined };
  /** The follow-up run of the run in progress, and that of the run that has ended, if there is one. */
  readonly followUp: { readonly active: FollowUp | undefined; readonly ended: FollowUp | undefined };
  /** The child runs of these runs. */
  readonly childRuns: readonly ProbeRun[];
  /** Every probe pod of these runs. */
  readonly pods: readonly ProbePod[];
}

/** A follow-up run with its witnesses. */
export interface FollowUp {
  readonly run: ProbeRun;
  readonly witness: ProbeRun | undefined;
}

/** The part of the caches that finds the runs of a test and their pods by index. */
export interface RunCaches {
  readonly runs: Indexed<ProbeRun, RunIndex>;
  readonly pods: Indexed<ProbePod, PodIndex>;
}

/**
 * Returns the ProbeRuns of this test in other namespaces (witness runs and grant-based child runs). They have no
 * owner reference to the test, so garbage collection does not delete them.
 */
export function unownedRunsOf(key: string, runs: RunCaches["runs"]): ProbeRun[] {
  return runs
    .byIndex("test", key)
    .filter((run) => isUnowned(run) && run.metadata.deletionTimestamp === undefined);
}

/**
 * Groups the runs of a test by role. Pods are found by the owner references to their runs, because labels would
 * change their identity. Every run that an earlier version created is obsolete.
 */
export function runsOfTest(test: ConnectivityTest, { runs, pods }: RunCaches): TestRuns {
  const { metadata, status } = test;
  const unowned = unownedRunsOf(keyOf(metadata), runs);
  const witnesses = unowned.filter((run) => isWitnessRun(run) && !isOutdated(run));
  const witnessOf = (run: ProbeRun | undefined) =>
    run &&
    witnesses.find(
      (witness) =>
        witness.spec.test.uid === metadata.uid &&
        isSameRunPart(witness.spec, run.spec) &&
        !isOlderThanRun(witness, run),
    );
  const owned = runs
    .byIndex("owner", metadata.uid)
    .filter((run) => run.metadata.deletionTimestamp === undefined);
  const own = owned.filter((run) => run.spec.parent === undefined && !isOutdated(run));
  const first = own.filter(({ spec }) => spec.run.followUp !== true);
  const ended = first.find(({ spec }) => spec.run.id === status.run?.id);
  const past = new Set((status.history ?? []).map(({ id }) => id));
  const active = lastAttempt(
    first.filter(
      (run) =>
        hasTestedSpec(test, run.spec.run) &&
        run.spec.run.id !== status.run?.id &&
        !past.has(run.spec.run.id) &&
        !isJudged(run, status),
    ),
  );
  const followUpOf = (run: ProbeRun | undefined): FollowUp | undefined => {
    const followUp =
      run &&
      own.find(
        (other) => other.spec.run.followUp === true && isSameRun(other, run) && !isOlderThanRun(other, run),
      );
    return followUp && { run: followUp, witness: witnessOf(followUp) };
  };
  const witness = { active: witnessOf(active), ended: witnessOf(ended) };
  const followUp = { active: followUpOf(active), ended: followUpOf(ended) };
  const followUpRuns = Object.values(followUp).flatMap((one) => [one?.run, one?.witness]);
  const parents: readonly (ProbeRun | undefined)[] = [
    active,
    ended,
    followUp.active?.run,
    followUp.ended?.run,
  ];
  const childRuns = [...owned, ...unowned].filter(({ spec }) =>
    parents.some((parent) => parent !== undefined && spec.parent?.uid === parent.metadata.uid),
  );
  const all = [...owned, ...unowned];
  const kept = new Set([active, ended, witness.active, witness.ended, ...followUpRuns, ...childRuns]);
  return {
    active,
    ended,
    obsolete: all.filter((run) => !kept.has(run)),
    witness,
    followUp,
    childRuns,
    pods: all.flatMap((run) => pods.byIndex("owner", run.metadata.uid)),
  };
}

/** The attempt before is deleted once the next one has been created. */
const lastAttempt = (runs: readonly ProbeRun[]) =>
  runs.toSorted((one, other) => attemptOf(other) - attemptOf(one))[0];

/**
 * Reports whether the run ended before the run of the status started, so that its verdict was published. The history
 * alone does not show this: it is limited, and a run whose deletion keeps failing may outlive its entry.
 */
function isJudged({ metadata, status }: ProbeRun, { run }: ConnectivityTest["status"]): boolean {
  const startedAt = Date.parse(metadata.creationTimestamp ?? "");
  return status.phase === "Finished" && startedAt < Date.parse(run?.startedAt ?? "");
}

/**
 * Reports whether a follow-up run or a witness run was created before its run, by the API server's clock. It is then left
 * over from a deleted run with the same id, and has the paths of another plan.
 */
export function isOlderThanRun(dependent: ProbeRun, { metadata }: ProbeRun): boolean {
  return (
    Date.parse(dependent.metadata.creationTimestamp ?? "") < Date.parse(metadata.creationTimestamp ?? "")
  );
}

const isSameRun = (one: ProbeRun, other: ProbeRun) => one.spec.run.id === other.spec.run.id;

/** Reports whether they belong to the same first run or follow-up run. */
const isSameRunPart = (one: ProbeRunSpec, other: ProbeRunSpec) =>
  runNameSuffix(one.run) === runNameSuffix(other.run);

/** The pods of one run by name. */
export function podsOfRun(run: ProbeRun, pods: readonly ProbePod[]): ReadonlyMap<string, ProbePod> {
  const own = pods.filter((pod) => controllerOf(pod.metadata)?.uid === run.metadata.uid);
  return new Map(own.map((pod) => [pod.metadata.name, pod]));
}
