import type { Api, Query } from "../runtime/api.ts";
import {
  endpointSlicesPath,
  limitRangesPath,
  podsPath,
  resourceQuotasPath,
  servicesPath,
} from "../runtime/resourcePaths.ts";
import { limitRangeSchema, resourceQuotaSchema, type NamespaceLimits } from "./podResources.ts";
import { endpointSliceSchema, serviceSchema, SERVICE_NAME_LABEL, type EndpointSlice } from "./service.ts";
import type { ServiceReference } from "./snapshot.ts";
import { isProbePod, workloadPodSchema } from "./workloadPod.ts";

type Lists = Pick<Api, "list">;

/** Lists the objects of a namespace, or of all namespaces. */
export async function podsOf(api: Lists, namespace?: string, query?: Query) {
  const pods = await api.list(podsPath(namespace), (raw) => workloadPodSchema.parse(raw), query);
  return { workloadPods: pods.filter((pod) => !isProbePod(pod)), probePods: pods.filter(isProbePod) };
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
