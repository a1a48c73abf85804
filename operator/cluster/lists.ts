import type { Api, Query } from "../runtime/api.ts";
import {
  endpointSlicesPath,
  limitRangesPath,
  podsPath,
  resourceQuotasPath,
  servicesPath,
} from "../runtime/resourcePaths.ts";
import { limitRangeSchema, resourceQuotaSchema, type NamespaceLimits } from "./podResources.ts";
import { isProbePod, type KnownRuns } from "./probePod.ts";
import { endpointSliceSchema, serviceSchema, SERVICE_NAME_LABEL, type EndpointSlice } from "./service.ts";
import type { ServiceReference } from "./snapshot.ts";
import { workloadPodSchema } from "./workloadPod.ts";

type Lists = Pick<Api, "list">;

/** What the operator reads of a cluster: the API server, and the ProbeRuns in its cache. */
export interface ClusterReads extends Pick<Api, "get" | "list"> {
  readonly runs: KnownRuns;
}
/** What lists of pods need. */
export type PodLists = Pick<ClusterReads, "list" | "runs">;

/** Lists the objects of a namespace, or of all namespaces. */
export async function podsOf({ list, runs }: PodLists, namespace?: string, query?: Query) {
  const pods = await list(podsPath(namespace), (raw) => workloadPodSchema.parse(raw), query);
  const byOrigin = Map.groupBy(pods, (pod) => (isProbePod(pod, runs) ? "probe" : "workload"));
  return { workloadPods: byOrigin.get("workload") ?? [], probePods: byOrigin.get("probe") ?? [] };
}

/**
 * Lists the servers of the cluster's DNS, by the label that its Service selects in kubeadm, kind, k3s, EKS, AKS and GKE. Where
 * it is deployed otherwise, none are found.
 */
export async function dnsPodsOf(api: PodLists) {
  return (await podsOf(api, "kube-system", { labelSelector: "k8s-app=kube-dns" })).workloadPods;
}

/** Those of a namespace, or of all. */
export function servicesOf(api: Lists, namespace?: string, query?: Query) {
  return api.list(servicesPath(namespace), (raw) => serviceSchema.parse(raw), query);
}

/** Lists the limits and quotas of a namespace. */
export async function namespaceLimitsOf(api: Lists, namespace: string): Promise<NamespaceLimits> {
  const [limitRanges, quotas] = await Promise.all([
    api.list(limitRangesPath(namespace), (raw) => limitRangeSchema.parse(raw)),
    api.list(resourceQuotasPath(namespace), (raw) => resourceQuotaSchema.parse(raw)),
  ]);
  return { limitRanges, quotas };
}

/** All EndpointSlices. */
export function allSlices(api: Lists) {
  return api.list(endpointSlicesPath(), (raw) => endpointSliceSchema.parse(raw));
}

/** The EndpointSlices of some Services of one namespace. */
export function slicesOf(api: Lists, namespace: string, services: readonly ServiceReference[]) {
  const labelSelector = `${SERVICE_NAME_LABEL} in (${services.map(({ name }) => name).join(",")})`;
  return api.list(endpointSlicesPath(namespace), (raw) => endpointSliceSchema.parse(raw), { labelSelector });
}

/**
 * A Service that publishes addresses before they are ready has probe pods of its own workload among its endpoints.
 */
export function withoutPods(slice: EndpointSlice, uids: ReadonlySet<string>): EndpointSlice {
  const endpoints = slice.endpoints?.filter(({ targetRef }) => !uids.has(targetRef?.uid ?? ""));
  return { ...slice, endpoints };
}
