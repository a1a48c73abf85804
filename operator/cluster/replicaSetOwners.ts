import { controllerOf, metadataOf, type OwnerReference } from "../../crds/metadata.ts";
import type { Api } from "../runtime/api.ts";
import { isNotFound } from "../runtime/apiError.ts";
import { replicaSetPath } from "../runtime/resourcePaths.ts";
import type { ReplicaSetOwners } from "./workload.ts";
import type { WorkloadPod } from "./workloadPod.ts";

export interface OwnerLookup {
  readonly api: Pick<Api, "get">;
  /** Those that were asked about last are the last. */
  readonly remembered: Map<string, OwnerReference | undefined>;
  readonly ownersKept: number;
}

/** Returns the owners of the pods' ReplicaSets: a copy, so that clearing the cache never changes it. */
export async function ownersOf(pods: readonly WorkloadPod[], lookup: OwnerLookup): Promise<ReplicaSetOwners> {
  const { api, remembered, ownersKept } = lookup;
  const replicaSets = new Map(
    pods.flatMap(({ metadata }) => {
      const controller = controllerOf(metadata);
      return controller?.kind === "ReplicaSet"
        ? [[controller.uid, replicaSetPath(metadata.namespace, controller.name)] as const]
        : [];
    }),
  );
  const owners = await Promise.all(
    [...replicaSets].map(async ([uid, path]) => {
      const owner = remembered.has(uid) ? remembered.get(uid) : await ownerOfReplicaSet(api, path);
      return [uid, owner] as const;
    }),
  );
  for (const [uid, owner] of owners) {
    remembered.delete(uid);
    remembered.set(uid, owner);
  }
  for (const uid of remembered.keys().take(Math.max(0, remembered.size - ownersKept))) remembered.delete(uid);
  return new Map(owners);
}

async function ownerOfReplicaSet(api: Pick<Api, "get">, path: string): Promise<OwnerReference | undefined> {
  try {
    return controllerOf(metadataOf(await api.get(path)));
  } catch (error) {
    if (isNotFound(error)) return undefined; // deleted with its pods: the ReplicaSet's own name is sufficient
    throw error;
  }
}
