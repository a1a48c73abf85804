import type { DependencyScope } from "../../crds/proberun/dependencies.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadOwner } from "../cluster/workload.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/**
 * Returns the namespaces that a plan has read, and the workloads of its sources and of the pods behind its targets.
 * The workloads are UIDs: the test must not learn the names of workloads behind a Service of another namespace.
 */
export function dependencyScopeOf(
  candidates: readonly PathCandidate[],
  snapshot: ClusterSnapshot,
): DependencyScope {
  const behind = new Set(candidates.flatMap(({ target }) => target.backends.map(({ uid }) => uid)));
  const targets = [...behind].flatMap((uid) => snapshot.podsByUid.get(uid) ?? []);
  const pods = [...candidates.flatMap(({ source }) => source.pod ?? []), ...targets];
  const uids = pods.flatMap((pod) => workloadOwner(pod, snapshot.replicaSetOwners)?.uid ?? []);
  return {
    namespaces: [...snapshot.policies.keys()].toSorted(),
    workloads: [...new Set(uids)].toSorted(),
  };
}
