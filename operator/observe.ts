import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { controllerOf, keyOf, metadataSchema, type OwnerReference } from "../crds/object.ts";
import { selects } from "../crds/selector.ts";
import { z } from "zod";
import { apiServerFor } from "./apiServer.ts";
import { isNotFound, type Api, type Query } from "./api.ts";
import { limitRangeSchema, resourceQuotaSchema, type Rules } from "./allowance.ts";
import { networkPolicySchema } from "./networkPolicy.ts";
import { nodesFor } from "./nodes.ts";
import {
  endpointSlicesPath,
  limitRangesPath,
  networkPoliciesPath,
  podsPath,
  replicaSetPath,
  resourceQuotasPath,
  servicesPath,
} from "./paths.ts";
import { isProbePod, workloadPodSchema, type WorkloadPod } from "./pod.ts";
import { endpointSliceSchema, serviceSchema, SERVICE_NAME_LABEL, type EndpointSlice } from "./service.ts";
import { namedServices, type ServiceReference, type Surroundings } from "./surroundings.ts";
import type { ReplicaSetOwners } from "./workload.ts";

/** Looks around for the plan of one run. */
export type Observe = (test: ConnectivityTest) => Promise<Surroundings>;

type Lists = Pick<Api, "list">;

const ownedSchema = z.object({ metadata: metadataSchema });

/**
 * Observes on demand, by a few lists for each namespace involved and none for each expectation; only the owners of
 * ReplicaSets are remembered, since they never change, and all forgotten where they are more than `ownersKept`.
 */
export function createObserver(api: Api, ownersKept = 10_000): Observe {
  const remembered = new Map<string, OwnerReference | undefined>();
  return async (test) => {
    const own = test.metadata.namespace;
    const references = Map.groupBy(namedServices(test), ({ namespace }) => namespace);
    const namespaces = [...new Set([own, ...references.keys()])];
    const [services, policies, rules, slices, nodes, apiServer] = await Promise.all([
      Promise.all(namespaces.map((namespace) => servicesOf(api, namespace))),
      Promise.all(
        namespaces.map(async (namespace) => [namespace, await policiesOf(api, namespace)] as const),
      ),
      rulesOf(api, own),
      Promise.all([...references].map(([namespace, named]) => slicesOf(api, namespace, named))),
      nodesFor(test, api),
      apiServerFor(test, api),
    ]);
    // After the slices, so that every pod which stands in one is known.
    const pods = await Promise.all(
      namespaces.map(async (namespace) => [namespace, await podsOf(api, namespace)] as const),
    );
    const probes = new Set(
      pods.flatMap(([, { probePods }]) => probePods.map(({ metadata }) => metadata.uid)),
    );
    const workloadPods = new Map(pods.map(([namespace, found]) => [namespace, found.workloadPods]));
    return {
      pods: workloadPods,
      services: new Map(services.flat().map((service) => [keyOf(service.metadata), service])),
      slices: Map.groupBy(
        slices.flat().map((slice) => withoutPods(slice, probes)),
        ({ metadata }) => `${metadata.namespace}/${metadata.labels[SERVICE_NAME_LABEL] ?? ""}`,
      ),
      policies: new Map(policies),
      rules,
      replicaSetOwners: await ownersOf(matchedPods(test, workloadPods.get(own) ?? []), {
        api,
        remembered,
        ownersKept,
      }),
      ...(nodes && { nodes }),
      ...(apiServer && { apiServer }),
    };
  };
}

/** Those of a namespace, or of all. */
export async function podsOf(api: Lists, namespace?: string, query?: Query) {
  const pods = (await api.list(podsPath(namespace), query)).map((raw) => workloadPodSchema.parse(raw));
  return { workloadPods: pods.filter((pod) => !isProbePod(pod)), probePods: pods.filter(isProbePod) };
}

/** Those of a namespace, or of all. */
export async function servicesOf(api: Lists, namespace?: string, query?: Query) {
  return (await api.list(servicesPath(namespace), query)).map((raw) => serviceSchema.parse(raw));
}

async function policiesOf(api: Api, namespace: string) {
  return (await api.list(networkPoliciesPath(namespace))).map((raw) => networkPolicySchema.parse(raw));
}

async function rulesOf(api: Api, namespace: string): Promise<Rules> {
  const [limitRanges, quotas] = await Promise.all([
    api.list(limitRangesPath(namespace)),
    api.list(resourceQuotasPath(namespace)),
  ]);
  return {
    limitRanges: limitRanges.map((raw) => limitRangeSchema.parse(raw)),
    quotas: quotas.map((raw) => resourceQuotaSchema.parse(raw)),
  };
}

/** The EndpointSlices of some Services of one namespace. */
export async function slicesOf(api: Lists, namespace: string, services: readonly ServiceReference[]) {
  const labelSelector = `${SERVICE_NAME_LABEL} in (${services.map(({ name }) => name).join(",")})`;
  return (await api.list(endpointSlicesPath(namespace), { labelSelector })).map((raw) =>
    endpointSliceSchema.parse(raw),
  );
}

// A Service that publishes addresses before they are ready has probe pods of its own workload among its endpoints.
function withoutPods(slice: EndpointSlice, uids: ReadonlySet<string>): EndpointSlice {
  const endpoints = slice.endpoints?.filter(({ targetRef }) => !uids.has(targetRef?.uid ?? ""));
  return { ...slice, endpoints };
}

/** The pods whose workload will have to be named. */
function matchedPods({ spec }: ConnectivityTest, pods: readonly WorkloadPod[]): WorkloadPod[] {
  const selectors = spec.expectations.flatMap(({ from, to }) => [
    from.podSelector,
    ...(to?.podSelector ? [to.podSelector] : []),
  ]);
  return pods.filter(({ metadata }) => selectors.some((selector) => selects(selector, metadata.labels)));
}

interface OwnerLookup {
  readonly api: Api;
  readonly remembered: Map<string, OwnerReference | undefined>;
  readonly ownersKept: number;
}

/** The owners of the pods' ReplicaSets: a copy, so that forgetting the remembered ones never changes it. */
async function ownersOf(pods: readonly WorkloadPod[], lookup: OwnerLookup): Promise<ReplicaSetOwners> {
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
  for (const [uid, owner] of owners) remembered.set(uid, owner);
  if (remembered.size > ownersKept) remembered.clear();
  return new Map(owners);
}

async function ownerOfReplicaSet(api: Api, path: string): Promise<OwnerReference | undefined> {
  try {
    return controllerOf(ownedSchema.parse(await api.get(path)).metadata);
  } catch (error) {
    if (isNotFound(error)) return undefined; // gone with its pods: the ReplicaSet's own name will do
    throw error;
  }
}
