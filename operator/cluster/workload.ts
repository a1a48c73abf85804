import { controllerOf, type OwnerReference } from "../../crds/metadata.ts";
import type { WorkloadPod } from "./workloadPod.ts";

/** The controller of each ReplicaSet, by the ReplicaSet's UID; undefined if it has none. */
export type ReplicaSetOwners = ReadonlyMap<string, OwnerReference | undefined>;

/** The context of names: the owners of the ReplicaSets, and the test's own namespace, which a name omits. */
export interface Naming {
  readonly owners: ReplicaSetOwners;
  /** "" for a test without a namespace. */
  readonly own: string;
}

/**
 * Formats a name: `Deployment/orders`, or `Deployment/orders.shop` in another namespace than the test's, like the
 * name of a Service.
 */
export function workloadName(pod: WorkloadPod, { owners, own }: Naming): string {
  const { namespace } = pod.metadata;
  const name = workloadOf(pod, owners);
  return namespace === own ? name : `${name}.${namespace}`;
}

/**
 * Returns the workload of a pod as users name it: `Deployment/orders`, `StatefulSet/db`, `DaemonSet/agent`, `Job/x`,
 * or `Pod/x` for a pod without a controller. The controller of a ReplicaSet replaces the ReplicaSet.
 */
export function workloadOf(pod: WorkloadPod, owners: ReplicaSetOwners): string {
  const owner = workloadOwner(pod, owners);
  return owner === undefined ? `Pod/${pod.metadata.name}` : `${owner.kind}/${owner.name}`;
}

/** Returns the object of that name; undefined if the pod has no controller. */
export function workloadOwner(
  { metadata }: WorkloadPod,
  owners: ReplicaSetOwners,
): OwnerReference | undefined {
  const controller = controllerOf(metadata);
  return controller?.kind === "ReplicaSet" ? (owners.get(controller.uid) ?? controller) : controller;
}
