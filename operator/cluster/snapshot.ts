import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { LabelSelector } from "../../crds/selector.ts";
import { inTurn, mapInTurns } from "../runtime/turns.ts";
import type { AddressPorts } from "./apiServerAddresses.ts";
import { canonical } from "./ipRanges.ts";
import type { ClusterNode } from "./nodes.ts";
import type { NamespaceLimits } from "./podResources.ts";
import { labelKeysOf, matchesOf, type Policy } from "./policies/policy.ts";
import type { EndpointSlice, NodePort, Service } from "./service.ts";
import type { ReplicaSetOwners } from "./workload.ts";
import { isRunning, type WorkloadPod } from "./workloadPod.ts";

/** Everything of the cluster that the plan of one run is made from, as it was seen at one time. */
export interface ClusterSnapshot extends SnapshotIndexes {
  /**
   * Pods by namespace, without those that netverdict created. Of a namespace with access by grants alone, only the
   * granted pods.
   */
  readonly pods: ReadonlyMap<string, readonly WorkloadPod[]>;
  /** Services by `namespace/name`: all of every namespace that is read. */
  readonly services: ReadonlyMap<string, Service>;
  /** EndpointSlices by `namespace/name` of their Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** Policies by namespace. */
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
  /** The LimitRanges and ResourceQuotas of each namespace with sources. */
  readonly namespaceLimits: ReadonlyMap<string, NamespaceLimits>;
  /** The grants for the test's own namespace; none for a test without a namespace, which needs none. */
  readonly grants: readonly ProbeGrant[];
  /** The labels of every namespace; undefined, and not read, if the test has no namespaceSelector. */
  readonly namespaces?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly replicaSetOwners: ReplicaSetOwners;
  /** Every node; undefined if not read. */
  readonly nodes?: readonly ClusterNode[];
  /** The test's targets that are node ports or host ports; undefined if none can be. */
  readonly nodePorts?: readonly NodePort[];
  /** The servers of the cluster's DNS; undefined if not read. */
  readonly dnsPods?: readonly WorkloadPod[] | undefined;
  /** The addresses of the cluster's API server; undefined if not read. */
  readonly apiServer?: AddressPorts;
}

/** Indexes of the objects of a snapshot, to find one without reading all. Addresses are as `canonical` writes them. */
export interface SnapshotIndexes {
  /** The running pod that has the address by its own status; of several on the network of one node, the first. */
  readonly podsByIp: ReadonlyMap<string, WorkloadPod>;
  readonly podsByUid: ReadonlyMap<string, WorkloadPod>;
  readonly servicesByClusterIp: ReadonlyMap<string, Service>;
  /** The Services that have the address: as a cluster address, an external address or that of a load balancer. */
  readonly servicesByAddress: ReadonlyMap<string, readonly Service[]>;
  readonly servicesByNodePort: ReadonlyMap<number, readonly Service[]>;
  /** The pods of each namespace by the keys of their labels, and by their values: see `mayBeSelected`. */
  readonly podsByLabel: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, readonly WorkloadPod[]>>>;
  /** The policies that select pods, be it for themselves or as their peers, by a label of this key. */
  readonly policiesByLabelKey: ReadonlyMap<string, ReadonlySet<Policy>>;
  /** The policies that compare the address of the pod that sends. */
  readonly policiesByAddress: ReadonlySet<Policy>;
  /** By namespace, the Services that publish addresses before they are ready. */
  readonly earlyServices: ReadonlyMap<string, readonly Service[]>;
}

type Indexable = Pick<ClusterSnapshot, "pods" | "services" | "policies">;

/** The snapshot with its indexes, which must be created again when its contents change. Each address is parsed once. */
export function snapshotOf<Contents extends Indexable>(contents: Contents): Contents & SnapshotIndexes {
  const { addPod, addService, indexes } = emptyIndexes();
  for (const [namespace, pods] of contents.pods) for (const pod of pods) addPod(namespace, pod);
  for (const service of contents.services.values()) addService(service);
  return { ...contents, ...policyIndexes(contents.policies), ...indexes };
}

/** Same as `snapshotOf`. If that takes long, it continues in other turns of the event loop. */
export async function snapshotInTurns<Contents extends Indexable>(
  contents: Contents,
): Promise<Contents & SnapshotIndexes> {
  const { addPod, addService, indexes } = emptyIndexes();
  for (const [namespace, pods] of contents.pods) await mapInTurns(pods, (pod) => addPod(namespace, pod));
  await mapInTurns([...contents.services.values()], addService);
  return inTurn(() => ({ ...contents, ...policyIndexes(contents.policies), ...indexes }));
}

/** Empty indexes of pods and Services, and how each object is added to them. */
function emptyIndexes() {
  const podsByIp = new Map<string, WorkloadPod>();
  const podsByUid = new Map<string, WorkloadPod>();
  const servicesByClusterIp = new Map<string, Service>();
  const podsByLabel = new Map<string, Map<string, Map<string, WorkloadPod[]>>>();
  const servicesByAddress = new Map<string, Service[]>();
  const servicesByNodePort = new Map<number, Service[]>();
  const earlyServices = new Map<string, Service[]>();
  return {
    indexes: {
      podsByIp,
      podsByUid,
      servicesByClusterIp,
      servicesByAddress,
      servicesByNodePort,
      podsByLabel,
      earlyServices,
    },
    addPod: (namespace: string, pod: WorkloadPod) => {
      podsByUid.set(pod.metadata.uid, pod);
      const addresses = isRunning(pod) ? pod.status.podIPs.map(({ ip }) => ip) : [];
      for (const address of written(addresses)) addFirst(podsByIp, address, pod);
      const byLabel = podsByLabel.get(namespace) ?? new Map<string, Map<string, WorkloadPod[]>>();
      podsByLabel.set(namespace, byLabel);
      for (const [key, value] of Object.entries(pod.metadata.labels)) {
        const byValue = byLabel.get(key) ?? new Map<string, WorkloadPod[]>();
        byLabel.set(key, byValue);
        addTo(byValue, value, pod);
      }
    },
    addService: (service: Service) => {
      const clusterIps = written(service.spec.clusterIPs);
      for (const address of clusterIps) addFirst(servicesByClusterIp, address, service);
      const others = written([
        ...service.spec.externalIPs,
        ...service.status.loadBalancer.ingress.flatMap(({ ip }) => ip ?? []),
      ]);
      for (const address of new Set([...clusterIps, ...others])) addTo(servicesByAddress, address, service);
      const nodePorts = service.spec.ports.flatMap(({ nodePort }) => nodePort ?? []);
      for (const port of new Set(nodePorts)) addTo(servicesByNodePort, port, service);
      if (service.spec.publishNotReadyAddresses) addTo(earlyServices, service.metadata.namespace, service);
    },
  };
}

/** The snapshot with other policies; the indexes of everything else stay. */
export function withPolicies(
  snapshot: ClusterSnapshot,
  policies: ClusterSnapshot["policies"],
): ClusterSnapshot {
  return { ...snapshot, policies, ...policyIndexes(policies) };
}

function policyIndexes(
  byNamespace: ClusterSnapshot["policies"],
): Pick<SnapshotIndexes, "policiesByLabelKey" | "policiesByAddress"> {
  const policies = [...byNamespace.values()].flat();
  return {
    policiesByLabelKey: byLabelKey(policies),
    policiesByAddress: new Set(policies.filter(comparesAddresses)),
  };
}

/** Whether the rules of a policy compare the address of the pod that sends. */
function comparesAddresses({ ingress, egress }: Policy): boolean {
  return [ingress, egress].some((rules) => rules !== undefined && rules.blocks.length > 0);
}

function byLabelKey(policies: Iterable<Policy>): ReadonlyMap<string, ReadonlySet<Policy>> {
  const index = new Map<string, Set<Policy>>();
  for (const policy of policies)
    for (const key of matchesOf(policy).flatMap(({ labels }) => labelKeysOf(labels)))
      index.set(key, (index.get(key) ?? new Set()).add(policy));
  return index;
}

/**
 * Of the pods of a namespace those that a selector can select: a look at few of them where the selector asks for
 * labels, at those with the rarest one.
 */
export function mayBeSelected(
  { pods, podsByLabel }: Pick<ClusterSnapshot, "pods" | "podsByLabel">,
  namespace: string,
  { matchLabels = {} }: LabelSelector,
): readonly WorkloadPod[] {
  const [fewest] = Object.entries(matchLabels)
    .map(([key, value]) => podsByLabel.get(namespace)?.get(key)?.get(value) ?? [])
    .toSorted((one, other) => one.length - other.length);
  return fewest ?? pods.get(namespace) ?? [];
}

/** `None` is the cluster address of a headless Service: it is no address. */
const written = (addresses: readonly string[]) => addresses.flatMap((address) => canonical(address) ?? []);

function addTo<Key, Value>(index: Map<Key, Value[]>, key: Key, value: Value) {
  const found = index.get(key);
  if (found) found.push(value);
  else index.set(key, [value]);
}

function addFirst<Value>(index: Map<string, Value>, address: string, value: Value) {
  if (!index.has(address)) index.set(address, value);
}

/** A Service that a test names: the namespace is the test's own where it names none. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

/** Returns the Services that a test names, each once. */
export function namedServices({ metadata, spec }: ConnectivityTest): ServiceReference[] {
  const named = spec.expectations.flatMap(({ to }) =>
    to?.service ? [{ name: to.service.name, namespace: to.service.namespace ?? metadata.namespace }] : [],
  );
  return [
    ...new Map(named.map((reference) => [`${reference.namespace}/${reference.name}`, reference])).values(),
  ];
}
