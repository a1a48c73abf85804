import { isIP } from "node:net";
import type { Expectation, Target } from "../../crds/expectation.ts";
import type { Backend } from "../../crds/proberun/backend.ts";
import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import { DNS_PORT } from "../../probes/nameServer.ts";
import {
  readyEndpoints,
  servicePort,
  type Service,
  type ServiceEndpoint,
  type ServicePort,
} from "../cluster/service.ts";
import type { SnapshotIndexes } from "../cluster/snapshot.ts";
import { isReadyOnPort, type WorkloadPod } from "../cluster/workloadPod.ts";
import { dialledPorts, isHeadless, onePerAddress, type DialledPort } from "./headlessService.ts";
import { spreadOverNodes } from "./spreadOverNodes.ts";
import {
  missingFamily,
  wantedPort,
  type ExpandedTarget,
  type TargetAddress,
  type TargetQuery,
} from "./targetAddress.ts";

/**
 * Expands a Service into its cluster address and every ready endpoint behind it. One connection to the cluster
 * address reaches one endpoint by chance, so each endpoint is a target of its own (at most 8, spread over nodes).
 */
export function serviceAddresses(query: TargetQuery, target: NonNullable<Target["service"]>): ExpandedTarget {
  const namespace = target.namespace ?? query.namespace;
  const key = `${namespace}/${target.name}`;
  const service = query.snapshot.services.get(key);
  if (!service) return missingForNow(`Service ${key} does not exist`);
  const to = serviceDisplayName(service, query.namespace);
  if (service.spec.type === "ExternalName") {
    return withoutAddress("TargetNotSupported", `${to} is an ExternalName, an alias in DNS`);
  }
  const port = portOf(service, query.expectation);
  if (port === undefined)
    return withoutAddress("TargetNotFound", `${to} has no port ${String(wantedPort(query.expectation))}`);
  if (port.protocol !== "TCP")
    return withoutAddress("TargetNotSupported", `port ${port.port} of ${to} is ${port.protocol}, not TCP`);
  return expandService({ service, to, port, query });
}

function withoutAddress(reason: "TargetNotFound" | "TargetNotSupported", message: string): ExpandedTarget {
  return { addresses: [], findings: [{ reason, message }] };
}

/** It may be there at the next attempt. */
const missingForNow = (message: string): ExpandedTarget => ({
  addresses: [],
  findings: [{ reason: "TargetNotFound", message, transient: true }],
});

/** Formats `Service/catalog`, with the namespace if it is not the test's own. */
function serviceDisplayName({ metadata }: Service, ownNamespace: string): string {
  return metadata.namespace === ownNamespace
    ? `Service/${metadata.name}`
    : `Service/${metadata.name}.${metadata.namespace}`;
}

function portOf(service: Service, expectation: Expectation): ServicePort | undefined {
  const wanted = wantedPort(expectation);
  return wanted === undefined ? undefined : servicePort(service, wanted);
}

interface Chosen {
  readonly service: Service;
  readonly to: string;
  readonly port: ServicePort;
  readonly query: TargetQuery;
}

function expandService({ service, to, port, query }: Chosen): ExpandedTarget {
  const { snapshot, families, near = [] } = query;
  const local = service.spec.internalTrafficPolicy === "Local";
  const { namespace, name } = service.metadata;
  const ready = readyEndpoints(snapshot.slices.get(`${namespace}/${name}`) ?? [], port);
  const endpoints = isHeadless(service) ? onePerAddress(ready) : ready;
  const clusterAddresses = service.spec.clusterIPs.filter((address) => isIP(address) !== 0);
  const own = new Set<Family>([...clusterAddresses.map(familyOf), ...endpoints.map(({ family }) => family)]);
  if (own.size === 0) return missingForNow(`${to} has neither a cluster address nor a ready endpoint`);
  const wanted = families ?? [...own].toSorted();
  const addresses = wanted.flatMap((family) =>
    addressesOfFamily({
      family,
      to,
      port: port.port,
      clusterAddress: clusterAddresses.find((address) => familyOf(address) === family),
      endpoints: endpoints.filter((endpoint) => endpoint.family === family),
      podOf: (endpoint) => endpointPod(endpoint, namespace, snapshot),
      dialledAt: (endpoint) => dialledPorts(service, { port, endpoint, expect: query.expectation.expect }),
      isForeign: query.namespace !== "" && query.namespace !== namespace,
      limit: query.limit ?? MAX_BACKENDS,
      local,
      near: local ? near : [],
    }),
  );
  return {
    addresses,
    findings: wanted.filter((family) => !own.has(family)).map((family) => missingFamily(to, family)),
  };
}

interface OneFamily {
  readonly family: Family;
  readonly to: string;
  readonly port: number;
  readonly clusterAddress: string | undefined;
  readonly endpoints: readonly ServiceEndpoint[];
  readonly podOf: (endpoint: ServiceEndpoint) => WorkloadPod | undefined;
  readonly dialledAt: (endpoint: ServiceEndpoint) => readonly DialledPort[];
  /** Whether the Service is in another namespace than the test. */
  readonly isForeign: boolean;
  readonly limit: number;
  readonly local: boolean;
  readonly near: readonly string[];
}

function addressesOfFamily(found: OneFamily): TargetAddress[] {
  const { family, to, port, clusterAddress, endpoints, podOf, dialledAt, limit, local, near } = found;
  const backendOf = (endpoint: ServiceEndpoint) => ({
    ...asBackend(endpoint, podOf(endpoint)),
    // A test may name any Service, but needs a grant to learn the names of pods in another namespace.
    ...(found.isForeign && { name: endpoint.address }),
  });
  const onPodNetwork = (endpoint: ServiceEndpoint) => isOnPodNetwork(podOf(endpoint));
  const probed = spreadOverNodes(endpoints, {
    limit,
    nodeOf: ({ node }) => node,
    nameOf: ({ address }) => address,
    first: near,
  });
  const shared = { to, family, backendCount: endpoints.length };
  const cluster: TargetAddress[] =
    clusterAddress === undefined
      ? []
      : [
          {
            ...shared,
            kind: "ClusterAddress",
            ...(local && { local }),
            address: clusterAddress,
            port,
            backends: probed.map(backendOf),
            // NodeLocal DNSCache answers at the cluster address of the DNS Service, and no packet leaves the node.
            provesSource: port !== DNS_PORT && endpoints.length > 0 && endpoints.every(onPodNetwork),
          },
        ];
  const each = probed.flatMap((endpoint) =>
    dialledAt(endpoint).map<TargetAddress>((dialled) => ({
      ...shared,
      kind: "Endpoint",
      address: endpoint.address,
      ...dialled,
      backends: [backendOf({ ...endpoint, port: dialled.port })],
      provesSource: onPodNetwork(endpoint),
    })),
  );
  return [...cluster, ...each];
}

// A user who may write EndpointSlices may name any pod in one: only a pod of its namespace that has the address is behind it.
function endpointPod(
  { podUid, address }: ServiceEndpoint,
  namespace: string,
  { podsByUid }: SnapshotIndexes,
): WorkloadPod | undefined {
  const pod = podsByUid.get(podUid);
  const isHere = pod?.metadata.namespace === namespace && pod.status.podIPs.some(({ ip }) => ip === address);
  return isHere ? pod : undefined;
}

// An endpoint without a known pod may be on the probe pod's own node, where policies do not block traffic.
const isOnPodNetwork = (pod: WorkloadPod | undefined) => pod !== undefined && !pod.spec.hostNetwork;

function asBackend(endpoint: ServiceEndpoint, pod: WorkloadPod | undefined): Backend {
  return {
    name: endpoint.podName || endpoint.address,
    uid: endpoint.podUid,
    node: endpoint.node,
    hostNetwork: pod?.spec.hostNetwork ?? false,
    readinessOnPort: pod !== undefined && isReadyOnPort(pod, endpoint),
  };
}
