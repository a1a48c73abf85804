import { isDeepStrictEqual } from "node:util";
import type { Metadata } from "../../crds/metadata.ts";
import { endpointSliceSchema, isReady, SERVICE_NAME_LABEL } from "../cluster/service.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { endpointSlicesPath } from "../runtime/resourcePaths.ts";

export interface EndpointCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** Called when the ready endpoints of the Service with this key have changed. */
  readonly onEndpointChange: (service: string) => void;
  /** Returns the UID of the workload of a pod, by the pod's key. */
  readonly workloadOf: (pod: string) => string | undefined;
}

/** The ready endpoints of the Services in the whole cluster. */
export interface EndpointCaches {
  readonly cache: Pick<Reflector<unknown>, "start" | "stop" | "synced" | "hasSynced">;
  /**
   * Returns what is behind the Service with this key, once each: the UIDs of the workloads of its pods, and addresses that belong
   * to none, with their ports.
   */
  readonly endpointsOf: (service: string) => readonly string[];
}

/** The value of the label of an EndpointSlice that the API server's controller keeps, from the selector of the Service. */
const FROM_SELECTOR = "endpointslice-controller.k8s.io";
const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

/** The ready endpoints of one EndpointSlice. */
interface ReadySlice {
  readonly metadata: Pick<Metadata, "uid">;
  /** The key of the Service. */
  readonly service: string;
  /** The keys of the pods that the selector of the Service matches. */
  readonly pods: readonly string[];
  /** All other addresses, independent of the pod that a user may have named for them. */
  readonly addresses: readonly string[];
  readonly ports: string;
}

/** Caches the ready endpoints of every Service. */
export function createEndpointCaches({
  api,
  log,
  onEndpointChange,
  workloadOf,
}: EndpointCachesOptions): EndpointCaches {
  const slices = createReflector<ReadySlice, "service">({
    api,
    log,
    path: endpointSlicesPath(),
    parse: readySlice,
    indexers: { service: ({ service }) => [service] },
    onChange({ before, after }) {
      if (isDeepStrictEqual(before, after)) return;
      for (const service of new Set([before, after].flatMap((slice) => slice?.service ?? [])))
        onEndpointChange(service);
    },
  });
  return {
    cache: slices,
    endpointsOf(key) {
      const endpoints = slices.byIndex("service", key).flatMap(({ pods, addresses, ports }) => {
        // A pod that is gone leaves the slice in a moment.
        const workloads = new Set(pods.map((pod) => workloadOf(pod) ?? pod));
        return [...workloads, ...addresses].map((one) => `${one} ${ports}`);
      });
      return [...new Set(endpoints)];
    },
  };
}

/** Undefined for a slice of no Service. */
function readySlice(raw: unknown): ReadySlice | undefined {
  const { metadata, addressType, ports, endpoints } = endpointSliceSchema.parse(raw);
  const { namespace, uid, labels } = metadata;
  const name = labels[SERVICE_NAME_LABEL];
  if (name === undefined) return undefined;
  const isFromSelector = labels[MANAGED_BY_LABEL] === FROM_SELECTOR;
  const ready = (endpoints ?? []).filter(isReady).map(({ addresses: [address], targetRef }) => {
    const pod = targetRef?.kind === "Pod" ? targetRef.name : undefined;
    return isFromSelector && pod !== undefined && pod !== null
      ? { pod: `${namespace}/${pod}` }
      : { address: address ?? "" };
  });
  return {
    metadata: { uid },
    service: `${namespace}/${name}`,
    pods: ready.flatMap(({ pod }) => pod ?? []),
    addresses: ready.flatMap(({ address }) => address ?? []),
    ports: JSON.stringify([
      addressType,
      ...(ports ?? []).map((port) => `${port.name}:${port.port}/${port.protocol}`).toSorted(),
    ]),
  };
}
