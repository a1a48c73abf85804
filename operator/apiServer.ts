import { isIP } from "node:net";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import type { Target } from "../crds/expectation.ts";
import { canonical } from "./addressRanges.ts";
import { isNotFound, type Api } from "./api.ts";
import { endpointSlicesPath, servicesPath } from "./paths.ts";
import {
  endpointSliceSchema,
  readyEndpoints,
  serviceSchema,
  type EndpointSlice,
  type Service,
} from "./service.ts";

/** The Service by which pods reach the API server; its controller keeps it and its one EndpointSlice, of the same name. */
const KUBERNETES = { namespace: "default", name: "kubernetes" } as const;

/** Addresses with their TCP ports, as `socketKey` writes them. */
export type Sockets = ReadonlySet<string>;

/** The same for every spelling of an address. Undefined: it is no address. */
export function socketKey(address: string, port: number): string | undefined {
  const written = canonical(address);
  return written === undefined ? undefined : `${written} ${port}`;
}

/**
 * Where the cluster's API server answers: at its cluster address and at its own ones, each at its port alone. Looked up for
 * a test whose denials name an address, a node or that Service; undefined for any other, which costs no request then. Read by
 * name, since anybody who may write EndpointSlices there might add one to the Service.
 */
export async function apiServerFor(
  { metadata, spec }: ConnectivityTest,
  api: Pick<Api, "get">,
): Promise<Sockets | undefined> {
  const isNamed = spec.expectations.some(
    ({ to, expect }) => expect === "Denied" && to !== undefined && mayBe(to, metadata.namespace),
  );
  if (!isNamed) return undefined;
  const { namespace, name } = KUBERNETES;
  try {
    const [service, slice] = await Promise.all([
      api.get(servicesPath(namespace, name)),
      api.get(endpointSlicesPath(namespace, name)),
    ]);
    return socketsOf(serviceSchema.parse(service), endpointSliceSchema.parse(slice));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    throw error;
  }
}

function mayBe({ ip, node, service }: Target, ownNamespace: string): boolean {
  if (ip !== undefined || node !== undefined) return true;
  return service?.name === KUBERNETES.name && (service.namespace ?? ownNamespace) === KUBERNETES.namespace;
}

function socketsOf({ spec }: Service, slice: EndpointSlice): Sockets {
  const ports = spec.ports.filter(({ protocol }) => protocol === "TCP");
  const clusterAddresses = spec.clusterIPs.filter((address) => isIP(address) !== 0);
  const dialled = ports.flatMap((port) => [
    ...clusterAddresses.map((address) => ({ address, port: port.port })),
    ...readyEndpoints([slice], port),
  ]);
  return new Set(dialled.flatMap(({ address, port }) => socketKey(address, port) ?? []));
}
