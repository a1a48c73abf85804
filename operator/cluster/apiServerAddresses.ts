import { isIP } from "node:net";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Target } from "../../crds/expectation.ts";
import type { Expect } from "../../crds/words.ts";
import { isNotFound, type Api } from "../runtime/api.ts";
import { endpointSlicesPath, servicesPath } from "../runtime/resourcePaths.ts";
import { canonical } from "./ipRanges.ts";
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
 * Where the cluster's API server answers, for a test whose denials name an address, a node or that Service; undefined for
 * any other, which costs no request then.
 */
export async function apiServerFor(
  test: ConnectivityTest,
  api: Pick<Api, "get">,
): Promise<Sockets | undefined> {
  return mayNameApiServer(test, ["Denied"]) ? findApiServer(api) : undefined;
}

/** Whether an expectation that says one of these has a target that may be the API server. */
export function mayNameApiServer({ metadata, spec }: ConnectivityTest, expects: readonly Expect[]): boolean {
  return spec.expectations.some(
    ({ to, expect }) => expects.includes(expect) && to !== undefined && mayBe(to, metadata.namespace),
  );
}

/**
 * At its cluster address and at its own ones, each at its port alone; nowhere where there is no such Service. Read by name,
 * since anybody who may write EndpointSlices there might add one to the Service.
 */
export async function findApiServer(api: Pick<Api, "get">): Promise<Sockets> {
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
