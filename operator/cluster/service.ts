import { z } from "zod";
import type { Port } from "../../crds/expectation.ts";
import { metadataSchema } from "../../crds/metadata.ts";
import type { TranslatedPort } from "../../crds/proberun/plannedpath.ts";
import type { Family } from "../../crds/vocabulary.ts";

const servicePortSchema = z.object({
  name: z.string().default(""),
  port: z.number(),
  protocol: z.string().default("TCP"),
  nodePort: z.number().optional(),
});
export type ServicePort = z.infer<typeof servicePortSchema>;

/** A Service, with the fields that planning needs. */
export const serviceSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    type: z.string().default("ClusterIP"),
    clusterIPs: z.array(z.string()).default([]),
    externalIPs: z.array(z.string()).default([]),
    selector: z.record(z.string(), z.string()).default({}),
    publishNotReadyAddresses: z.boolean().default(false),
    internalTrafficPolicy: z.string().default("Cluster"),
    ports: z.array(servicePortSchema).default([]),
  }),
  status: z
    .object({
      loadBalancer: z
        .object({ ingress: z.array(z.object({ ip: z.string().optional() })).default([]) })
        .prefault({}),
    })
    .prefault({}),
});
export type Service = z.infer<typeof serviceSchema>;

/** An EndpointSlice (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). */
export const endpointSliceSchema = z.object({
  metadata: metadataSchema,
  addressType: z.string(),
  ports: z
    .array(
      z.object({ name: z.string().nullish(), port: z.number().nullish(), protocol: z.string().nullish() }),
    )
    .nullish(),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        nodeName: z.string().nullish(),
        conditions: z
          .object({ ready: z.boolean().nullish(), terminating: z.boolean().nullish() })
          .prefault({})
          .nullish(),
        targetRef: z
          .object({ kind: z.string().nullish(), name: z.string().nullish(), uid: z.string().nullish() })
          .nullish(),
      }),
    )
    .nullish(),
});
export type EndpointSlice = z.infer<typeof endpointSliceSchema>;
export type SliceEndpoint = NonNullable<EndpointSlice["endpoints"]>[number];

/** The label of an EndpointSlice that names its Service. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

/** Without `ready` an endpoint is ready, as the API defines. */
export function isReady({ conditions }: SliceEndpoint): boolean {
  return conditions?.ready !== false && conditions?.terminating !== true;
}

/** One ready address behind a Service's port. */
export interface ServiceEndpoint {
  readonly address: string;
  readonly family: Family;
  readonly port: number;
  readonly node: string;
  readonly podUid: string;
  readonly podName: string;
}

/** A port of a node that the node translates, and what it leads to. */
export interface NodePort extends Pick<TranslatedPort, "node" | "by"> {
  readonly port: number;
  /** The ready addresses behind it, of both families. Undefined for a host port, which leads to a pod on the node. */
  readonly endpoints?: readonly ServiceEndpoint[];
}

/**
 * Returns the Service's port by number or by name. If a number has two ports (53/UDP and 53/TCP), it is the TCP one.
 */
export function servicePort({ spec }: Service, wanted: Port): ServicePort | undefined {
  const found = spec.ports.filter(({ port, name }) =>
    typeof wanted === "number" ? port === wanted : name === wanted,
  );
  return found.find(({ protocol }) => protocol === "TCP") ?? found[0];
}

/**
 * Returns every ready endpoint behind one port of a Service, each once: an endpoint that moves to another slice is in
 * both for a while. Only the first address of an endpoint counts.
 */
export function readyEndpoints(slices: readonly EndpointSlice[], port: ServicePort): ServiceEndpoint[] {
  const ready = slices.flatMap((slice) => readyInSlice(slice, port));
  return [...new Map(ready.map((endpoint) => [`${endpoint.address} ${endpoint.port}`, endpoint])).values()];
}

/** Reports whether one of the slices has the pod as an endpoint at this address and port, ready or not. */
export function hasEndpoint(
  slices: readonly EndpointSlice[],
  { address, port, podUid }: Pick<ServiceEndpoint, "address" | "port" | "podUid">,
): boolean {
  const isPod = ({ addresses, targetRef }: SliceEndpoint) =>
    targetRef?.uid === podUid && addresses.includes(address);
  return slices.some(
    ({ ports, endpoints }) =>
      ports?.some((one) => one.port === port) === true && endpoints?.some(isPod) === true,
  );
}

function readyInSlice(slice: EndpointSlice, wanted: ServicePort): ServiceEndpoint[] {
  const { addressType: family, ports, endpoints } = slice;
  if (family !== "IPv4" && family !== "IPv6") return [];
  const port = ports?.find(
    ({ name, protocol }) => (name ?? "") === wanted.name && (protocol ?? "TCP") === wanted.protocol,
  )?.port;
  if (port === undefined || port === null) return [];
  return (endpoints ?? []).filter(isReady).flatMap(({ addresses: [address], nodeName, targetRef }) => {
    const pod = targetRef?.kind === "Pod" ? targetRef : undefined;
    return address === undefined
      ? []
      : [{ address, family, port, node: nodeName ?? "", podUid: pod?.uid ?? "", podName: pod?.name ?? "" }];
  });
}
