import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { controllerOf } from "../crds/object.ts";
import type { ProbeRun } from "../crds/proberun.ts";
import type { ProbePod } from "./probePod.ts";

/** What the caches hold of one test. */
export interface Seen {
  /** The run under way, of the test's present generation. */
  readonly active: ProbeRun | undefined;
  /** The run that the status tells of: kept, so that all its paths can be read. */
  readonly ended: ProbeRun | undefined;
  /** Runs of an older generation, and ended ones that a later one has replaced. */
  readonly obsolete: readonly ProbeRun[];
  /** Every probe pod of these runs. */
  readonly pods: readonly ProbePod[];
}

interface Caches {
  readonly runs: Iterable<ProbeRun>;
  readonly pods: Iterable<ProbePod>;
}

/** Sorts out the runs of a test; its pods follow their runs by owner reference, since labels would change their identity. */
export function see({ metadata, status }: ConnectivityTest, caches: Caches): Seen {
  const own = [...caches.runs].filter(
    (run) => controllerOf(run.metadata)?.uid === metadata.uid && run.metadata.deletionTimestamp === undefined,
  );
  const ended = own.find(({ spec }) => spec.run.id === status.run?.id);
  const past = new Set((status.history ?? []).map(({ id }) => id));
  const active = own.find(
    ({ spec }) =>
      spec.run.generation === metadata.generation && spec.run.id !== status.run?.id && !past.has(spec.run.id),
  );
  const uids = new Set(own.map((run) => run.metadata.uid));
  return {
    active,
    ended,
    obsolete: own.filter((run) => run !== active && run !== ended),
    pods: [...caches.pods].filter((pod) => uids.has(controllerOf(pod.metadata)?.uid ?? "")),
  };
}

/** The pods of one run by name. */
export function podsOfRun(run: ProbeRun, pods: readonly ProbePod[]): ReadonlyMap<string, ProbePod> {
  const own = pods.filter((pod) => controllerOf(pod.metadata)?.uid === run.metadata.uid);
  return new Map(own.map((pod) => [pod.metadata.name, pod]));
}
