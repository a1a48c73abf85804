import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { findApiServer, mayNameApiServer } from "./apiServerAddresses.ts";
import { type ClusterReads, dnsPodsOf, podsOf, servicesOf, slicesOf } from "./lists.ts";
import type { Observe } from "./observe.ts";
import type { EndpointSlice, Service } from "./service.ts";
import { snapshotInTurns, type ClusterSnapshot } from "./snapshot.ts";
import type { WorkloadPod } from "./workloadPod.ts";

/** What became known during the first run. */
export interface ResolvedAddresses {
  /** The addresses that hosts resolved to. */
  readonly hosts: readonly string[];
  /** The name servers of pods. */
  readonly nameServers: readonly string[];
  /** Whether a probe pod looks up a name at a server of the cluster's DNS, to prove its own network. */
  readonly ownSigns?: boolean;
}

/** Reads the snapshot for the plan of a follow-up run, including the Services that are name servers. */
export type ObserveFollowUp = (
  test: ConnectivityTest,
  resolved: ResolvedAddresses,
) => Promise<ClusterSnapshot>;

/**
 * In other namespaces than those of the plan it reads only the servers of the cluster's DNS. A name may point to any
 * address, and a witness would reveal to its owner pods that policies protect.
 */
export function createFollowUpObserver(api: ClusterReads, observe: Observe): ObserveFollowUp {
  return async (test, resolved) => {
    const known = await observe(test);
    const nameServers = [...new Set(resolved.nameServers)];
    const [found, apiServer, dnsPods] = await Promise.all([
      Promise.all(nameServers.map((address) => servicesAt(api, address))),
      known.apiServer ?? (mayReachApiServer(test, resolved) ? findApiServer(api) : undefined),
      known.dnsPods ?? (resolved.ownSigns === true ? dnsPodsOf(api) : undefined),
    ]);
    const seen = { ...known, ...(dnsPods && { dnsPods }), ...(apiServer && { apiServer }) };
    return snapshotInTurns(found.flat().reduce(withService, seen));
  };
}

/**
 * The first run reads the addresses of the API server, and the servers of the cluster's DNS, for denials alone. If an Allowed path
 * is closed, a witness may try it as well, and its probe pod may look up a name.
 */
const mayReachApiServer = (test: ConnectivityTest, { hosts }: ResolvedAddresses) =>
  hosts.length > 0 || mayNameApiServer(test, ["Allowed", "Denied"]);

interface ObservedService {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly WorkloadPod[];
}

/** By the first of a Service's cluster addresses alone, because the API server selects by that field. */
async function servicesAt(api: ClusterReads, address: string): Promise<ObservedService[]> {
  const services = await servicesOf(api, undefined, { fieldSelector: `spec.clusterIP=${address}` });
  return Promise.all(
    services.map(async (service) => {
      const { namespace, name } = service.metadata;
      const slices = await slicesOf(api, namespace, [{ namespace, name }]);
      const { workloadPods } = await podsOf(api, namespace);
      return { service, slices, pods: podsInSlices(slices, workloadPods) };
    }),
  );
}

function podsInSlices(slices: readonly EndpointSlice[], pods: readonly WorkloadPod[]): WorkloadPod[] {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  const uids = new Set(endpoints.map(({ targetRef }) => targetRef?.uid));
  return pods.filter(({ metadata }) => uids.has(metadata.uid));
}

function withService(known: ClusterSnapshot, { service, slices, pods }: ObservedService): ClusterSnapshot {
  const { namespace } = service.metadata;
  const key = keyOf(service.metadata);
  const byUid = [...(known.pods.get(namespace) ?? []), ...pods].map(
    (pod) => [pod.metadata.uid, pod] as const,
  );
  return {
    ...known,
    pods: new Map([...known.pods, [namespace, [...new Map(byUid).values()]]]),
    services: new Map([...known.services, [key, service]]),
    slices: new Map([...known.slices, [key, slices]]),
  };
}
