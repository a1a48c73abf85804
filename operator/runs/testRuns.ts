import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { controllerOf, keyOf } from "../../crds/metadata.ts";
import type { ProbeRun, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { lookId } from "../planning/names.ts";
import type { Indexed } from "../runtime/indexes.ts";
import type { PodIndex, RunIndex } from "./indexers.ts";
import { isAway, isWitnessRun } from "./ownerKeys.ts";

/** What the caches hold of one test. */
export interface Seen {
  /** The run under way, of the test's present generation. */
  readonly active: ProbeRun | undefined;
  /** The run that the status tells of: kept, so that all its paths can be read. */
  readonly ended: ProbeRun | undefined;
  /** Runs of an older generation, and ended ones that a later one has replaced. */
  readonly obsolete: readonly ProbeRun[];
  /** The witnesses of the run under way, and those of the run that has ended. */
  readonly witness: { readonly active: ProbeRun | undefined; readonly ended: ProbeRun | undefined };
  /** The second look at the run under way, and that at the run that has ended, if there is one. */
  readonly again: { readonly active: SeenLook | undefined; readonly ended: SeenLook | undefined };
  /** The branches of these runs: what they have in other namespaces. */
  readonly branches: readonly ProbeRun[];
  /** Every probe pod of these runs. */
  readonly pods: readonly ProbePod[];
}

/** A second look with its witnesses. */
export interface SeenLook {
  readonly run: ProbeRun;
  readonly witness: ProbeRun | undefined;
}

/** The caches, as far as they lead from a test to its runs and their pods: by index, whatever else is in the cluster. */
export interface RunCaches {
  readonly runs: Indexed<ProbeRun, RunIndex>;
  readonly pods: Indexed<ProbePod, PodIndex>;
}

/**
 * The runs of the test of this key that are in other namespaces without being owned by it: witnesses, and branches that
 * rest on grants. No owner reference leads to the test, and they do not go with it.
 */
export function awayFrom(key: string, runs: RunCaches["runs"]): ProbeRun[] {
  return runs
    .byIndex("test", key)
    .filter((run) => isAway(run) && run.metadata.deletionTimestamp === undefined);
}

/** Sorts out the runs of a test; its pods follow their runs by owner reference, since labels would change their identity. */
export function see({ metadata, status }: ConnectivityTest, { runs, pods }: RunCaches): Seen {
  const away = awayFrom(keyOf(metadata), runs);
  const witnesses = away.filter(isWitnessRun);
  const witnessOf = (run: ProbeRun | undefined) =>
    witnesses.find(({ spec }) => spec.test.uid === metadata.uid && isSameLook(spec, run?.spec));
  const owned = runs
    .byIndex("owner", metadata.uid)
    .filter((run) => run.metadata.deletionTimestamp === undefined);
  const own = owned.filter(({ spec }) => spec.home === undefined);
  const first = own.filter(({ spec }) => spec.run.again !== true);
  const ended = first.find(({ spec }) => spec.run.id === status.run?.id);
  const past = new Set((status.history ?? []).map(({ id }) => id));
  const active = first.find(
    (run) =>
      run.spec.run.generation === metadata.generation &&
      run.spec.run.id !== status.run?.id &&
      !past.has(run.spec.run.id) &&
      !isJudged(run, status),
  );
  const againOf = (run: ProbeRun | undefined): SeenLook | undefined => {
    const again =
      run &&
      own.find(
        (other) => other.spec.run.again === true && isSameRun(other, run) && !isOlderThanRun(other, run),
      );
    return again && { run: again, witness: witnessOf(again) };
  };
  const witness = { active: witnessOf(active), ended: witnessOf(ended) };
  const again = { active: againOf(active), ended: againOf(ended) };
  const seconds = Object.values(again).flatMap((look) => [look?.run, look?.witness]);
  const homes: readonly (ProbeRun | undefined)[] = [active, ended, again.active?.run, again.ended?.run];
  const branches = [...owned, ...away].filter(({ spec }) =>
    homes.some((home) => home !== undefined && spec.home?.uid === home.metadata.uid),
  );
  const all = [...owned, ...away];
  const kept = new Set([active, ended, witness.active, witness.ended, ...seconds, ...branches]);
  return {
    active,
    ended,
    obsolete: all.filter((run) => !kept.has(run)),
    witness,
    again,
    branches,
    pods: all.flatMap((run) => pods.byIndex("owner", run.metadata.uid)),
  };
}

/**
 * Whether it ended before the run that the status tells of began, so that its verdict was published in its time. The
 * history alone cannot say so: it forgets, and a run whose deletion is refused again and again is still there then.
 */
function isJudged({ metadata, status }: ProbeRun, { run }: ConnectivityTest["status"]): boolean {
  const startedAt = Date.parse(metadata.creationTimestamp ?? "");
  return status.phase === "Finished" && startedAt < Date.parse(run?.startedAt ?? "");
}

/**
 * Whether a second look was created before its first one, by the API server's clock: then it is left of a run of this id
 * that was deleted, and asks about the paths of another plan.
 */
export function isOlderThanRun(again: ProbeRun, { metadata }: ProbeRun): boolean {
  return Date.parse(again.metadata.creationTimestamp ?? "") < Date.parse(metadata.creationTimestamp ?? "");
}

const isSameRun = (one: ProbeRun, other: ProbeRun) => one.spec.run.id === other.spec.run.id;

/** Whether they are of the same look at the same run. */
const isSameLook = (one: ProbeRunSpec, other: ProbeRunSpec | undefined) =>
  other !== undefined && lookId(one.run) === lookId(other.run);

/** The pods of one run by name. */
export function podsOfRun(run: ProbeRun, pods: readonly ProbePod[]): ReadonlyMap<string, ProbePod> {
  const own = pods.filter((pod) => controllerOf(pod.metadata)?.uid === run.metadata.uid);
  return new Map(own.map((pod) => [pod.metadata.name, pod]));
}
