import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { inTurn } from "../runtime/turns.ts";
import { allSlices, type ClusterReads, podsOf, servicesOf } from "./lists.ts";
import type { Observe } from "./observe.ts";
import type { ServedKinds } from "./policies/discovery.ts";
import type { Policy } from "./policies/policy.ts";
import { readPolicies } from "./policies/readPolicies.ts";
import { SERVICE_NAME_LABEL } from "./service.ts";
import { snapshotInTurns, withPolicies, type ClusterSnapshot } from "./snapshot.ts";

/** The policies, of all that are in force, whose targets have to be known. */
export type PoliciesInDoubt = (snapshot: ClusterSnapshot) => readonly Policy[];

/**
 * Reads the snapshot for the comparison of sources with their twins. An address or a name may lead to a pod of any
 * namespace, so the policies of all namespaces are read, in one list. Pods and Services elsewhere are read only where a
 * policy there is in doubt.
 */
export type ObserveSources = (test: ConnectivityTest, inDoubt: PoliciesInDoubt) => Promise<ObservedSources>;

export interface ObservedSources {
  readonly snapshot: ClusterSnapshot;
  /** The namespaces that the test itself uses. */
  readonly namespaces: ReadonlySet<string>;
}

export function createSourceObserver(
  api: ClusterReads,
  { observe, policyKinds }: { readonly observe: Observe; readonly policyKinds: ServedKinds },
): ObserveSources {
  return async (test, inDoubt) => {
    const [known, policies] = await Promise.all([
      observe(test),
      policyKinds().then((kinds) => readPolicies(api, kinds)),
    ]);
    const everywhere = await inTurn(() => withPolicies(known, policies));
    const namespaces = new Set(known.policies.keys());
    const doubtful = inDoubt(everywhere);
    if (doubtful.length === 0) return { snapshot: everywhere, namespaces };
    const places = new Set(doubtful.map(({ subject }) => subject.namespace));
    const [services, slices, ...pods] = await Promise.all([
      servicesOf(api),
      allSlices(api),
      ...(places.has(undefined) ? [podsOf(api)] : [...places].map((namespace) => podsOf(api, namespace))),
    ]);
    const workloadPods = pods.flatMap((found) => found.workloadPods);
    const snapshot = await snapshotInTurns({
      ...everywhere,
      pods: new Map([...everywhere.pods, ...Map.groupBy(workloadPods, ({ metadata }) => metadata.namespace)]),
      services: new Map(services.map((service) => [keyOf(service.metadata), service])),
      slices: Map.groupBy(
        slices,
        ({ metadata }) => `${metadata.namespace}/${metadata.labels[SERVICE_NAME_LABEL] ?? ""}`,
      ),
    });
    return { snapshot, namespaces };
  };
}
