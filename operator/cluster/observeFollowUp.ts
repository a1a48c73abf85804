import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/object.ts";
import type { Api } from "../runtime/api.ts";
import { inTurn } from "../runtime/turns.ts";
import { findApiServer, mayNameApiServer } from "./apiServerAddresses.ts";
import { isGloballyRoutable } from "./ipRanges.ts";
import { podsOf, servicesOf, slicesOf } from "./lists.ts";
import { listNodes } from "./nodes.ts";
import type { Observe } from "./observe.ts";
import type { EndpointSlice, Service } from "./service.ts";
import { snapshotOf, type Surroundings } from "./snapshot.ts";
import type { WorkloadPod } from "./workloadPod.ts";

/** Addresses that became known while the first look ran. */
export interface Learned {
  /** What hosts resolved to. */
  readonly hosts: readonly string[];
  /** The name servers that pods have for their resolver. */
  readonly nameServers: readonly string[];
}

/** Looks around once more, for the plan of a run's second look: also for the Services that are name servers. */
export type ObserveAgain = (test: ConnectivityTest, learned: Learned) => Promise<Surroundings>;

/**
 * Of other namespaces than the plan's it sees the servers of the cluster's DNS, and no more: a name may lead anywhere,
 * and a witness would tell its author of pods that policies keep from him.
 */
export function createSecondObserver(api: Pick<Api, "get" | "list">, observe: Observe): ObserveAgain {
  return async (test, learned) => {
    const known = await observe(test);
    const nameServers = [...new Set(learned.nameServers)];
    const [found, nodes, apiServer] = await Promise.all([
      Promise.all(nameServers.map((address) => servicesAt(api, address))),
      known.nodes ?? (goesAnywhere(test, learned) ? listNodes(api) : undefined),
      known.apiServer ?? (mayGoToApiServer(test, learned) ? findApiServer(api) : undefined),
    ]);
    const places = { ...(nodes && { nodes }), ...(apiServer && { apiServer }) };
    return inTurn(() => snapshotOf(found.flat().reduce(withService, { ...known, ...places })));
  };
}

/** The first look asks for the sake of denials alone; where an Allowed path is closed, a witness may be sent there as well. */
function goesAnywhere({ spec }: ConnectivityTest, { hosts, nameServers }: Learned): boolean {
  const named = spec.expectations.flatMap(({ to }) => to?.ip ?? []);
  return [...named, ...hosts, ...nameServers].some(isGloballyRoutable);
}

const mayGoToApiServer = (test: ConnectivityTest, { hosts }: Learned) =>
  hosts.length > 0 || mayNameApiServer(test, ["Allowed", "Denied"]);

interface SeenService {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly WorkloadPod[];
}

/** By the first of a Service's cluster addresses alone, which is what the API server selects by. */
async function servicesAt(api: Pick<Api, "list">, address: string): Promise<SeenService[]> {
  const services = await servicesOf(api, undefined, { fieldSelector: `spec.clusterIP=${address}` });
  return Promise.all(
    services.map(async (service) => {
      const { namespace, name } = service.metadata;
      const slices = await slicesOf(api, namespace, [{ namespace, name }]);
      const { workloadPods } = await podsOf(api, namespace);
      return { service, slices, pods: behind(slices, workloadPods) };
    }),
  );
}

function behind(slices: readonly EndpointSlice[], pods: readonly WorkloadPod[]): WorkloadPod[] {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  const uids = new Set(endpoints.map(({ targetRef }) => targetRef?.uid));
  return pods.filter(({ metadata }) => uids.has(metadata.uid));
}

function withService(known: Surroundings, { service, slices, pods }: SeenService): Surroundings {
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
