import { controllerOf, type OwnerReference } from "../crds/object.ts";
import type { WorkloadPod } from "./pod.ts";

/** Who controls each ReplicaSet, by the ReplicaSet's UID; undefined: nobody does. */
export type ReplicaSetOwners = ReadonlyMap<string, OwnerReference | undefined>;

/**
 * The workload a pod belongs to, as people name it: `Deployment/orders`, `StatefulSet/db`, `DaemonSet/agent`, `Job/x`,
 * or `Pod/x` for a pod that nobody controls. A ReplicaSet stands for whatever controls it.
 */
export function workloadOf(pod: WorkloadPod, owners: ReplicaSetOwners): string {
  const controller = controllerOf(pod.metadata);
  if (controller === undefined) return `Pod/${pod.metadata.name}`;
  const owner = controller.kind === "ReplicaSet" ? (owners.get(controller.uid) ?? controller) : controller;
  return `${owner.kind}/${owner.name}`;
}
