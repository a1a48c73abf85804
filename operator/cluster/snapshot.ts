import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Sockets } from "./apiServerAddresses.ts";
import type { NetworkPolicy } from "./networkPolicy.ts";
import type { ClusterNode } from "./nodes.ts";
import type { Rules } from "./podResources.ts";
import type { EndpointSlice, Service } from "./service.ts";
import type { ReplicaSetOwners } from "./workload.ts";
import type { WorkloadPod } from "./workloadPod.ts";

/** Everything of the cluster that the plan of one run is made from, as it was seen at one time. */
export interface Surroundings {
  /**
   * Pods by namespace, those that netverdict made left out; of a namespace that is looked at by grant alone, no others than
   * those that it has granted.
   */
  readonly pods: ReadonlyMap<string, readonly WorkloadPod[]>;
  /** Services by `namespace/name`: all of every namespace that is looked at. */
  readonly services: ReadonlyMap<string, Service>;
  /** EndpointSlices by `namespace/name` of their Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** NetworkPolicies by namespace. */
  readonly policies: ReadonlyMap<string, readonly NetworkPolicy[]>;
  /** What each namespace with sources asks of the pods in it. */
  readonly rules: ReadonlyMap<string, Rules>;
  /** Those to the test's own namespace; none for a test without one, which needs none. */
  readonly grants: readonly ProbeGrant[];
  /** The labels of every namespace; undefined where the test has no namespaceSelector, and nobody has looked. */
  readonly namespaces?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly replicaSetOwners: ReplicaSetOwners;
  /** Every node; undefined where nobody has looked. */
  readonly nodes?: readonly ClusterNode[];
  /** Where the cluster's API server answers; undefined where nobody has looked. */
  readonly apiServer?: Sockets;
}

/** A Service that a test names: the namespace is the test's own where it names none. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

/** The Services a test names, each once. */
export function namedServices({ metadata, spec }: ConnectivityTest): ServiceReference[] {
  const named = spec.expectations.flatMap(({ to }) =>
    to?.service ? [{ name: to.service.name, namespace: to.service.namespace ?? metadata.namespace }] : [],
  );
  return [
    ...new Map(named.map((reference) => [`${reference.namespace}/${reference.name}`, reference])).values(),
  ];
}
