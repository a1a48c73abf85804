import pLimit from "p-limit";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ExpectationSource } from "../../crds/expectation.ts";
import { keyOf, objectSchema, type OwnerReference } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Api } from "../runtime/api.ts";
import { namespacesPath } from "../runtime/resourcePaths.ts";
import { inTurn } from "../runtime/turns.ts";
import { apiServerFor } from "./apiServerAddresses.ts";
import {
  type ClusterReads,
  dnsPodsOf,
  namespaceLimitsOf,
  podsOf,
  servicesOf,
  slicesOf,
  withoutPods,
} from "./lists.ts";
import { nodePortsFor } from "./nodePorts.ts";
import { nodesFor } from "./nodes.ts";
import {
  accessibleNamespaces,
  grantedPods,
  selectPods,
  sourceSelection,
  targetSelection,
  type AccessScope,
  type NamespaceAccess,
  type Selection,
} from "./podSelection.ts";
import { networkPoliciesAlone, type ServedKinds } from "./policies/discovery.ts";
import { readPolicies } from "./policies/readPolicies.ts";
import { ownersOf } from "./replicaSetOwners.ts";
import { SERVICE_NAME_LABEL, type EndpointSlice } from "./service.ts";
import { namedServices, snapshotInTurns, type ClusterSnapshot, type SnapshotIndexes } from "./snapshot.ts";
import type { WorkloadPod } from "./workloadPod.ts";

type Grants = { values(): Iterable<ProbeGrant> };

/** Reads the snapshot for the plan of one run. */
export type Observe = (test: ConnectivityTest) => Promise<ClusterSnapshot>;

type Lister = Pick<Api, "list">;

/** Requests at once for one test, so that one that selects thousands of namespaces leaves room for all others. */
const WIDTH = 8;

function limited({ runs, ...api }: ClusterReads): ClusterReads {
  const limit = pLimit(WIDTH);
  return {
    runs,
    get: (path, options) => limit(() => api.get(path, options)),
    list: (path, parse, query) => limit(() => api.list(path, parse, query)),
  };
}

export interface ObserverOptions {
  readonly grants: Grants;
  /** The kinds of policies that are read. Default: NetworkPolicies alone. */
  readonly policyKinds?: ServedKinds;
  /** Default 10,000. */
  readonly ownersKept?: number;
}

/**
 * Observes on demand, by a few lists for each namespace involved and none for each expectation; only the owners of
 * ReplicaSets are remembered, since they never change, and the oldest forgotten where they are more than `ownersKept`.
 */
export function createObserver(
  reads: ClusterReads,
  { grants, policyKinds = networkPoliciesAlone, ownersKept = 10_000 }: ObserverOptions,
): Observe {
  const remembered = new Map<string, OwnerReference | undefined>();
  return async (test) => {
    const api = limited(reads);
    const scope = await accessScopeOf(test, { api, grants });
    const references = Map.groupBy(namedServices(test), ({ namespace }) => namespace);
    const access = accessOfTest(test, scope);
    const byGrant = Map.groupBy(access, ({ namespace }) => namespace);
    const namespaces = [...new Set([...references.keys(), ...byGrant.keys()])];
    const ofEach = <Value>(look: (namespace: string) => Promise<Value>, each = namespaces) =>
      Promise.all(each.map(async (namespace) => [namespace, await look(namespace)] as const));
    const [services, policies, namespaceLimits, slices, ofNodes, apiServer, dnsPods] = await Promise.all([
      Promise.all(namespaces.map((namespace) => servicesOf(api, namespace))),
      policyKinds().then((kinds) => readPolicies(api, kinds, namespaces)),
      ofEach((namespace) => namespaceLimitsOf(api, namespace), sourceNamespaces(test, scope)),
      Promise.all([...references].map(([namespace, named]) => slicesOf(api, namespace, named))),
      nodesAndPorts(test, api),
      apiServerFor(test, api),
      test.spec.expectations.some(({ expect }) => expect === "Denied") ? dnsPodsOf(api) : undefined,
    ]);
    // After the slices, so that every pod in a slice is known.
    const pods = await ofEach((namespace) => podsOf(api, namespace));
    const probes = new Set(
      pods.flatMap(([, { probePods }]) => probePods.map(({ metadata }) => metadata.uid)),
    );
    const workloadPods = new Map(
      pods.map(([namespace, found]) => [
        namespace,
        references.has(namespace)
          ? found.workloadPods
          : accessiblePods(found.workloadPods, byGrant.get(namespace) ?? []),
      ]),
    );
    const contents = {
      pods: workloadPods,
      services: new Map(services.flat().map((service) => [keyOf(service.metadata), service])),
      slices: Map.groupBy(
        slices.flat().map((slice) => withoutPods(slice, probes)),
        ({ metadata }) => `${metadata.namespace}/${metadata.labels[SERVICE_NAME_LABEL] ?? ""}`,
      ),
      policies,
      namespaceLimits: new Map(namespaceLimits),
      grants: scope.grants,
      ...(scope.namespaces && { namespaces: scope.namespaces }),
      ...ofNodes,
      ...(apiServer && { apiServer }),
      ...(dnsPods && { dnsPods }),
    };
    const seen = await snapshotInTurns(contents);
    const named = await inTurn(() => [
      ...matchedPods(test, { ...scope, ...seen }),
      ...podsBehind(test, slices.flat(), seen),
    ]);
    return { ...seen, replicaSetOwners: await ownersOf(named, { api, remembered, ownersKept }) };
  };
}

/** The grants for the test's namespace, and the labels of all namespaces if the test selects by them. */
async function accessScopeOf(
  { metadata, spec }: ConnectivityTest,
  { api, grants }: { readonly api: Lister; readonly grants: Grants },
): Promise<AccessScope> {
  const own = metadata.namespace;
  const asks = spec.expectations.some(({ from, to }) => from.namespaceSelector ?? to?.namespaceSelector);
  const found = asks ? await api.list(namespacesPath(), (raw) => objectSchema.parse(raw)) : undefined;
  return {
    own,
    grants: [...grants.values()].filter(
      (grant) =>
        grant.metadata.deletionTimestamp === undefined &&
        grant.spec.to.some(({ namespace }) => namespace === own),
    ),
    ...(found && { namespaces: new Map(found.map(({ metadata: { name, labels } }) => [name, labels])) }),
  };
}

async function nodesAndPorts(
  test: ConnectivityTest,
  api: ClusterReads,
): Promise<Pick<ClusterSnapshot, "nodes" | "nodePorts">> {
  const nodes = await nodesFor(test, api);
  return nodes === undefined ? {} : { nodes, nodePorts: await nodePortsFor(test, nodes, api) };
}

/** The namespaces that may have probe pods. */
function sourceNamespaces({ spec }: ConnectivityTest, scope: AccessScope): string[] {
  const access = spec.expectations
    .flatMap(({ from }) => podSources(from))
    .flatMap((selection) => accessibleNamespaces(selection, scope));
  return [...new Set(access.map(({ namespace }) => namespace))];
}

/** The namespaces of the sources and targets of the test, and its own namespace. */
function accessOfTest(test: ConnectivityTest, scope: AccessScope): NamespaceAccess[] {
  const own = scope.own === "" ? [] : [{ namespace: scope.own }];
  return [...own, ...selectionsOf(test).flatMap((selection) => accessibleNamespaces(selection, scope))];
}

function selectionsOf({ spec }: ConnectivityTest): Selection[] {
  return spec.expectations.flatMap(({ from, to }) => [...podSources(from), targetSelection(to) ?? []].flat());
}

/** None if the source is a node. */
const podSources = (from: ExpectationSource) => (from.node === undefined ? [sourceSelection(from)] : []);

/** All pods of a namespace, or the granted pods if the test has access by grants alone. */
function accessiblePods(
  pods: readonly WorkloadPod[],
  access: readonly NamespaceAccess[],
): readonly WorkloadPod[] {
  if (access.some(({ grants }) => grants === undefined)) return pods;
  return grantedPods(
    pods,
    access.flatMap(({ grants }) => grants ?? []),
  );
}

/** The pods whose workload will have to be named. */
function matchedPods(
  test: ConnectivityTest,
  seen: AccessScope & Pick<ClusterSnapshot, "pods" | "podsByLabel">,
): WorkloadPod[] {
  return selectionsOf(test).flatMap((selection) => selectPods(selection, seen).map(({ pod }) => pod));
}

/** The pods behind Services, if the test needs their workloads. */
function podsBehind(
  { spec }: ConnectivityTest,
  slices: readonly EndpointSlice[],
  { podsByUid }: SnapshotIndexes,
): WorkloadPod[] {
  if (spec.rerunOn === undefined) return [];
  const behind = new Set(
    slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.uid ?? "")),
  );
  return [...behind].flatMap((uid) => podsByUid.get(uid) ?? []);
}
