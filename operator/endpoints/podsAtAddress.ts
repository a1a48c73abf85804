import { selects } from "../../crds/selector.ts";
import { canonical } from "../cluster/ipRanges.ts";
import type { Service } from "../cluster/service.ts";
import { mayBeSelected, type ClusterSnapshot } from "../cluster/snapshot.ts";
import { isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";

type TracedObjects = Pick<
  ClusterSnapshot,
  "pods" | "podsByIp" | "podsByUid" | "podsByLabel" | "servicesByAddress" | "servicesByNodePort" | "slices"
>;

/** An address, and the port that is dialled there. */
export interface DialledAddress {
  readonly address: string;
  readonly port?: number | undefined;
}

/**
 * Returns the pods of a snapshot that may answer at an address: the pod that has it, and all pods behind a Service that
 * has it. At any address a node port may be dialled, so every Service with that node port counts as well.
 */
export function podsAtAddress(dialled: DialledAddress, known: TracedObjects): WorkloadPod[] {
  const address = canonical(dialled.address);
  if (address === undefined) return [];
  const own = known.podsByIp.get(address) ?? [];
  const services = new Set([
    ...(known.servicesByAddress.get(address) ?? []),
    ...(dialled.port === undefined ? [] : (known.servicesByNodePort.get(dialled.port) ?? [])),
  ]);
  return [...new Set([own, ...[...services].map((service) => podsOfService(service, known))].flat())];
}

/** By its selector and by its EndpointSlices, ready or not. A person may have written these: the pod at an address answers. */
function podsOfService({ metadata, spec }: Service, known: TracedObjects): WorkloadPod[] {
  const { namespace, name } = metadata;
  const selector = { matchLabels: spec.selector };
  const selected =
    Object.keys(spec.selector).length === 0
      ? []
      : mayBeSelected(known, namespace, selector).filter(
          (pod) => isRunning(pod) && selects(selector, pod.metadata.labels),
        );
  const endpoints = (known.slices.get(`${namespace}/${name}`) ?? []).flatMap(
    (slice) => slice.endpoints ?? [],
  );
  return [
    ...selected,
    ...endpoints.flatMap(({ addresses, targetRef }) => [
      ...addresses.flatMap((address) => known.podsByIp.get(canonical(address) ?? "") ?? []),
      ...[known.podsByUid.get(targetRef?.uid ?? "") ?? []].flat(),
    ]),
  ];
}
