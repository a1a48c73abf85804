import type { DependencyScope } from "../../crds/proberun/dependencies.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadOwner } from "../cluster/workload.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/**
 * The namespaces that a plan looked into, and the workloads of its sources and of the pods behind its targets. By their UIDs:
 * behind a Service of another namespace there are workloads whose names are none of the test's business.
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
