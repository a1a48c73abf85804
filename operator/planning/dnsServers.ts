import { keyOf } from "../../crds/metadata.ts";
import type { Backend } from "../../crds/proberun/backend.ts";
import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import { familyOf } from "../../crds/vocabulary.ts";
import { DNS_PORT } from "../../probes/nameServer.ts";
import { canonical } from "../cluster/ipRanges.ts";
import { readyEndpoints, type ServiceEndpoint } from "../cluster/service.ts";
import { spreadOverNodes } from "../endpoints/spreadOverNodes.ts";
import { witnessLocation, type WitnessContext } from "./witnessPlacement.ts";

/** One server of the cluster's DNS, and the node of its witness: its own node. */
export interface NameServer {
  readonly backend: Backend;
  readonly address: string;
  readonly port: number;
  readonly witness: string | undefined;
}

export interface NameServers {
  /** At most 8, spread over nodes. */
  readonly servers: readonly NameServer[];
  /** The number of all servers. */
  readonly count: number;
}

/**
 * Returns the servers behind the cluster address of the pods' resolver; none if the address is not a cluster address.
 */
export function nameServersAt(address: string, context: WitnessContext): NameServers {
  const service = context.snapshot.servicesByClusterIp.get(canonical(address) ?? "");
  const port = service?.spec.ports.find(
    ({ port: number, protocol }) => number === DNS_PORT && protocol === "UDP",
  );
  if (!service || !port) return { servers: [], count: 0 };
  const family = familyOf(address);
  const slices = context.snapshot.slices.get(keyOf(service.metadata)) ?? [];
  const endpoints = readyEndpoints(slices, port).filter((endpoint) => endpoint.family === family);
  const chosen = spreadOverNodes(endpoints, {
    limit: MAX_BACKENDS,
    nodeOf: ({ node }) => node,
    nameOf: (endpoint) => endpoint.address,
  });
  return { servers: chosen.map((endpoint) => nameServer(endpoint, context)), count: endpoints.length };
}

// Any user who may write EndpointSlices may name any address in one: a witness tries only addresses of pods of their namespace.
function nameServer(endpoint: ServiceEndpoint, context: WitnessContext): NameServer {
  const { address, port, node, podUid, podName } = endpoint;
  const location = witnessLocation({ kind: "Endpoint", address, port }, node, context);
  const isBehind = podUid !== "" && location?.pod?.metadata.uid === podUid;
  return {
    backend: {
      name: podName || address,
      uid: podUid,
      node,
      hostNetwork: location?.pod?.spec.hostNetwork ?? false,
      readinessOnPort: false,
    },
    address,
    port,
    witness: isBehind ? location.node : undefined,
  };
}
