import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { Rollout } from "../cluster/rollout.ts";
import type { DependencyState, PolicyVersion, ServiceSelector } from "../controller/dependencyDigest.ts";
import { POD_INDEXERS, RUN_INDEXERS } from "../runs/indexers.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { createIndexes, type Indexers } from "../runtime/indexes.ts";

/** What an informer's cache would have of these objects: the same indexes, kept by the same code. */
export function cachesOf({
  runs = [],
  pods = [],
}: {
  readonly runs?: Iterable<ProbeRun>;
  readonly pods?: Iterable<ProbePod>;
}) {
  const byKey = new Map([...runs].map((run) => [keyOf(run.metadata), run]));
  const get = (key: string) => byKey.get(key);
  return { runs: { get, ...indexed(runs, RUN_INDEXERS) }, pods: indexed(pods, POD_INDEXERS) };
}

function indexed<T, Name extends string>(items: Iterable<T>, indexers: Indexers<T, Name>) {
  const indexes = createIndexes(indexers);
  for (const [number, item] of [...items].entries()) indexes.update(String(number), undefined, item);
  return indexes;
}

/** The dependencies of verdicts in a cluster with nothing else. */
export function groundOf({
  policies = [],
  rollouts = [],
  namespaces = {},
  services = [],
  podLabels = {},
  endpoints = {},
  unsettled = {},
  missingRight,
}: {
  readonly policies?: readonly PolicyVersion[];
  readonly rollouts?: readonly Rollout[];
  /** The labels of namespaces, by name. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services?: readonly ServiceSelector[];
  /** The digests of the labels of its pods, by the UID of a workload. */
  readonly podLabels?: Readonly<Record<string, readonly string[]>>;
  /** What is behind a Service, by its key. */
  readonly endpoints?: Readonly<Record<string, readonly string[]>>;
  /** Since when, by the UID of a workload or the key of a Service. */
  readonly unsettled?: Readonly<Record<string, Date>>;
  readonly missingRight?: ApiError;
}): DependencyState {
  return {
    policiesOf: (namespace) => policies.filter(({ metadata }) => metadata.namespace === namespace),
    labelsOf: (namespace) => namespaces[namespace] ?? {},
    servicesOf: (namespace) => services.filter(({ metadata }) => metadata.namespace === namespace),
    rolloutOf: (uid) => rollouts.find(({ metadata }) => metadata.uid === uid),
    podLabelsOf: (uid) => podLabels[uid] ?? [],
    endpointsOf: (service) => endpoints[service] ?? [],
    unsettledSince: (key) => unsettled[key],
    missingRight,
  };
}
