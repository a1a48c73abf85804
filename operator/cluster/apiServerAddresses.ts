import { isIP } from "node:net";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Target } from "../../crds/expectation.ts";
import type { Expect } from "../../crds/vocabulary.ts";
import type { Api } from "../runtime/api.ts";
import { isNotFound } from "../runtime/apiError.ts";
import { endpointSlicesPath, servicesPath } from "../runtime/resourcePaths.ts";
import { canonical } from "./ipRanges.ts";
import {
  endpointSliceSchema,
  readyEndpoints,
  serviceSchema,
  type EndpointSlice,
  type Service,
} from "./service.ts";

/**
 * The Service that pods use to reach the API server. The API server maintains it and its one EndpointSlice of the
 * same name.
 */
const KUBERNETES = { namespace: "default", name: "kubernetes" } as const;

/** Addresses with their TCP ports, as `addressPortKey` writes them. */
export type AddressPorts = ReadonlySet<string>;

/** The same key for every notation of an address. Undefined for a text that is not an address. */
export function addressPortKey(address: string, port: number): string | undefined {
  const written = canonical(address);
  return written === undefined ? undefined : `${written} ${port}`;
}

/**
 * Returns the addresses of the cluster's API server, for a test whose denials name an address, a node or its Service.
 * Undefined for any other test, which then costs no request.
 */
export async function apiServerFor(
  test: ConnectivityTest,
  api: Pick<Api, "get">,
): Promise<AddressPorts | undefined> {
  return mayNameApiServer(test, ["Denied"]) ? findApiServer(api) : undefined;
}

/** Reports whether an expectation with one of these values has a target that may be the API server. */
export function mayNameApiServer({ metadata, spec }: ConnectivityTest, expects: readonly Expect[]): boolean {
  return spec.expectations.some(
    ({ to, expect }) =>
      expects.includes(expect) && to !== undefined && mayBeApiServer(to, metadata.namespace),
  );
}

/**
 * Its cluster address and its own addresses, each with its port alone; none if there is no such Service. The slice is
 * read by name, because any user who may write EndpointSlices there might add one to the Service.
 */
export async function findApiServer(api: Pick<Api, "get">): Promise<AddressPorts> {
  const { namespace, name } = KUBERNETES;
  try {
    const [service, slice] = await Promise.all([
      api.get(servicesPath(namespace, name)),
      api.get(endpointSlicesPath(namespace, name)),
    ]);
    return addressPortsOf(serviceSchema.parse(service), endpointSliceSchema.parse(slice));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    throw error;
  }
}

function mayBeApiServer({ ip, node, service }: Target, ownNamespace: string): boolean {
  if (ip !== undefined || node !== undefined) return true;
  return service?.name === KUBERNETES.name && (service.namespace ?? ownNamespace) === KUBERNETES.namespace;
}

function addressPortsOf({ spec }: Service, slice: EndpointSlice): AddressPorts {
  const ports = spec.ports.filter(({ protocol }) => protocol === "TCP");
  const clusterAddresses = spec.clusterIPs.filter((address) => isIP(address) !== 0);
  const dialled = ports.flatMap((port) => [
    ...clusterAddresses.map((address) => ({ address, port: port.port })),
    ...readyEndpoints([slice], port),
  ]);
  return new Set(dialled.flatMap(({ address, port }) => addressPortKey(address, port) ?? []));
}
