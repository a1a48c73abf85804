import type { HeadlessPorts } from "../../crds/proberun/plannedpath.ts";
import type { Expect } from "../../crds/vocabulary.ts";
import type { Service, ServiceEndpoint, ServicePort } from "../cluster/service.ts";

/**
 * Reports whether the Service has no cluster address: DNS answers with the addresses of its endpoints, so nothing
 * translates a port (https://kubernetes.io/docs/concepts/services-networking/service/#headless-services).
 */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIPs.includes("None");
}

/** Returns each address once. While the target port of a Service changes, an address is in two slices with different ports. */
export function onePerAddress(endpoints: readonly ServiceEndpoint[]): ServiceEndpoint[] {
  return [...new Map(endpoints.map((endpoint) => [endpoint.address, endpoint])).values()];
}

/** A port that clients of a Service dial at one of its endpoints. */
export interface DialledPort {
  readonly port: number;
  /** Set if the Service is headless, and its port is not the port of its endpoint. */
  readonly headless?: HeadlessPorts;
}

interface EndpointOfPort {
  readonly port: ServicePort;
  readonly endpoint: ServiceEndpoint;
  readonly expect: Expect;
}

/**
 * Returns the ports that are dialled at an endpoint. Behind a cluster address it is the endpoint's port. Clients of a
 * headless Service dial the Service's port, unless they use its SRV records, which have the endpoint's port. A denial is
 * one for both kinds of clients, so where Denied is expected, both ports are dialled.
 */
export function dialledPorts(service: Service, { port, endpoint, expect }: EndpointOfPort): DialledPort[] {
  if (!isHeadless(service) || port.port === endpoint.port) return [{ port: endpoint.port }];
  const headless = { port: port.port, targetPort: endpoint.port };
  const dialled = expect === "Denied" ? [port.port, endpoint.port] : [port.port];
  return dialled.map((number) => ({ port: number, headless }));
}
