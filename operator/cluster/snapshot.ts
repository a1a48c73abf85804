import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Sockets } from "./apiServerAddresses.ts";
import { canonical } from "./ipRanges.ts";
import type { NetworkPolicy } from "./networkPolicy.ts";
import type { ClusterNode } from "./nodes.ts";
import type { Rules } from "./podResources.ts";
import type { EndpointSlice, Service } from "./service.ts";
import type { ReplicaSetOwners } from "./workload.ts";
import { isRunning, type WorkloadPod } from "./workloadPod.ts";

/** Everything of the cluster that the plan of one run is made from, as it was seen at one time. */
export interface Surroundings extends SnapshotIndexes {
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

/** Where to find an object of a snapshot without a look at all others. Addresses are as `canonical` writes them. */
export interface SnapshotIndexes {
  /** The running pod that has the address by its own status; of several on the network of one node, the first. */
  readonly podsByIp: ReadonlyMap<string, WorkloadPod>;
  readonly podsByUid: ReadonlyMap<string, WorkloadPod>;
  readonly servicesByClusterIp: ReadonlyMap<string, Service>;
}

/** The snapshot with its indexes: to be called again for another `pods` or `services`. Each address is parsed once. */
export function snapshotOf<Contents extends Pick<Surroundings, "pods" | "services">>(
  contents: Contents,
): Contents & SnapshotIndexes {
  const podsByIp = new Map<string, WorkloadPod>();
  const podsByUid = new Map<string, WorkloadPod>();
  const servicesByClusterIp = new Map<string, Service>();
  for (const pod of contents.pods.values().flatMap((pods) => pods)) {
    podsByUid.set(pod.metadata.uid, pod);
    if (isRunning(pod)) for (const { ip } of pod.status.podIPs) addFirst(podsByIp, canonical(ip), pod);
  }
  for (const service of contents.services.values())
    for (const ip of service.spec.clusterIPs) addFirst(servicesByClusterIp, canonical(ip), service);
  return { ...contents, podsByIp, podsByUid, servicesByClusterIp };
}

/** `None` is the cluster address of a headless Service: no address, and nothing is found by it. */
function addFirst<Value>(index: Map<string, Value>, address: string | undefined, value: Value) {
  if (address !== undefined && !index.has(address)) index.set(address, value);
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
