import type { Involved } from "../../crds/proberun/premises.ts";
import type { Surroundings } from "../cluster/snapshot.ts";
import { ownerOf } from "../cluster/workload.ts";
import type { Draft } from "./pathCandidates.ts";

/**
 * The namespaces that a plan looked into, and the workloads of its sources and of the pods behind its targets. By their UIDs:
 * behind a Service of another namespace there are workloads whose names are none of the test's business.
 */
export function involvedIn(drafts: readonly Draft[], surroundings: Surroundings): Involved {
  const behind = new Set(drafts.flatMap(({ target }) => target.backends.map(({ uid }) => uid)));
  const targets = [...behind].flatMap((uid) => surroundings.podsByUid.get(uid) ?? []);
  const pods = [...drafts.flatMap(({ source }) => source.pod ?? []), ...targets];
  const uids = pods.flatMap((pod) => ownerOf(pod, surroundings.replicaSetOwners)?.uid ?? []);
  return {
    namespaces: [...surroundings.policies.keys()].toSorted(),
    workloads: [...new Set(uids)].toSorted(),
  };
}
