import { controllerOf, type OwnerReference } from "../../crds/object.ts";
import type { WorkloadPod } from "./workloadPod.ts";

/** Who controls each ReplicaSet, by the ReplicaSet's UID; undefined: nobody does. */
export type ReplicaSetOwners = ReadonlyMap<string, OwnerReference | undefined>;

/** Where names are given: who owns the ReplicaSets, and the test's own namespace, which a name leaves out. */
export interface Naming {
  readonly owners: ReplicaSetOwners;
  /** "": the test has none. */
  readonly own: string;
}

/** `Deployment/orders`, and `Deployment/orders.shop` where that is in another namespace than the test, as a Service is named. */
export function workloadName(pod: WorkloadPod, { owners, own }: Naming): string {
  const { namespace } = pod.metadata;
  const name = workloadOf(pod, owners);
  return namespace === own ? name : `${name}.${namespace}`;
}

/**
 * The workload a pod belongs to, as people name it: `Deployment/orders`, `StatefulSet/db`, `DaemonSet/agent`, `Job/x`,
 * or `Pod/x` for a pod that nobody controls. A ReplicaSet stands for whatever controls it.
 */
export function workloadOf(pod: WorkloadPod, owners: ReplicaSetOwners): string {
  const owner = ownerOf(pod, owners);
  return owner === undefined ? `Pod/${pod.metadata.name}` : `${owner.kind}/${owner.name}`;
}

/** The object behind that name; undefined: nobody controls the pod. */
export function ownerOf({ metadata }: WorkloadPod, owners: ReplicaSetOwners): OwnerReference | undefined {
  const controller = controllerOf(metadata);
  return controller?.kind === "ReplicaSet" ? (owners.get(controller.uid) ?? controller) : controller;
}
