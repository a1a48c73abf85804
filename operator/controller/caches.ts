import {
  clusterConnectivityTestSchema,
  type ConnectivityTest,
  connectivityTestSchema,
  type RerunOn,
} from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { type ProbeGrant, probeGrantSchema, unreadableGrant } from "../../crds/probegrant.ts";
import { type ProbeRun, probeRunSchema } from "../../crds/proberun/proberun.ts";
import { readTest } from "../../crds/readtest.ts";
import { type Discovery, networkPoliciesAlone, type ServedKinds } from "../cluster/policies/discovery.ts";
import type { InstallableKind } from "../cluster/policies/kinds.ts";
import { parseProbePod, type ProbePod } from "../cluster/probePod.ts";
import { POD_INDEXERS, type PodIndex, RUN_INDEXERS, type RunIndex } from "../runs/indexers.ts";
import { keyOfPod, keyOfRun, keyOfTest } from "../runs/ownerKeys.ts";
import type { Api } from "../runtime/api.ts";
import { createDebounce } from "../runtime/debounce.ts";
import { errorFields, type Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import {
  clusterConnectivityTestsPath,
  connectivityTestsPath,
  podsPath,
  probeGrantsPath,
  probeRunsPath,
} from "../runtime/resourcePaths.ts";
import type { Change } from "../runtime/store.ts";
import { waitsForTests } from "../status/podGate.ts";
import { createDependencyCaches } from "./dependencyCaches.ts";
import type { DependencyState } from "./dependencyDigest.ts";
import { type CachedGatedPod, changesRequests, createGatedPodCache } from "./gatedPods.ts";
import { createRequestLog, type RequestLog } from "./requestLog.ts";

export interface CachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** The kinds of policies that are watched. Default: NetworkPolicies alone. */
  readonly policyKinds?: ServedKinds;
  /** Argo Rollouts, where they are installed. Default: they are not. */
  readonly argoRollouts?: Discovery<InstallableKind>;
  /** By which the operator measures how long a rollout takes. Default: the system clock. */
  readonly now?: () => Date;
  /** Called when this test, its runs or its probe pods have changed. */
  readonly onKey: (key: string) => void;
  /** Called when the readiness gate of this pod may have another state. Default: no pod has a readiness gate. */
  readonly onGatedPod?: ((key: string) => void) | undefined;
}

/** The cached state of the cluster. */
export interface Caches {
  /** Tests of both kinds. */
  readonly tests: Pick<Reflector<ConnectivityTest>, "get" | "values">;
  /** The ConnectivityTests of a namespace. */
  readonly testsIn: (namespace: string) => readonly ConnectivityTest[];
  /** The pods with the readiness gate of netverdict. */
  readonly gatedPods: Pick<Reflector<CachedGatedPod, "namespace">, "get" | "values" | "byIndex">;
  readonly grants: Reflector<ProbeGrant>;
  readonly runs: Reflector<ProbeRun, RunIndex>;
  readonly pods: Reflector<ProbePod, PodIndex>;
  /** The current state of the dependencies of verdicts, besides the tests. */
  readonly dependencyState: () => DependencyState;
  /** The tokens of requests that were in the annotation of a test. */
  readonly requestLog: Pick<RequestLog, "tokensOf">;
  start(): void;
  stop(): void;
  /** Resolves when all caches have been filled once. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
}

/**
 * Caches of all objects that belong to a test: the tests themselves, their runs, the grants and the probe pods of
 * these.
 */
export function createCaches({
  api,
  log,
  policyKinds = networkPoliciesAlone,
  argoRollouts = async () => [],
  now = () => new Date(),
  onKey,
  onGatedPod,
}: CachesOptions): Caches {
  const tell =
    <T>(testOf: (item: T) => string | undefined) =>
    ({ before, after }: Change<T>) => {
      const item = after ?? before;
      const key = item && testOf(item);
      if (key !== undefined) onKey(key);
    };
  const requestLog = createRequestLog();
  function seeTest(change: Change<ConnectivityTest>) {
    requestLog.see(change);
    tell(keyOfTest)(change);
    const { namespace = "" } = (change.after ?? change.before)?.metadata ?? {};
    for (const { metadata } of gatedPods.byIndex("namespace", namespace).filter(waitsForTests))
      onGatedPod?.(keyOf(metadata));
  }
  const namespaced = createReflector<ConnectivityTest, "namespace">({
    api,
    log,
    path: connectivityTestsPath(),
    parse: (raw) => readTest(connectivityTestSchema, raw),
    indexers: { namespace: ({ metadata }) => [metadata.namespace] },
    onChange: seeTest,
  });
  const gatedPods = createGatedPodCache({
    api,
    log,
    onChange(change) {
      onGatedPod?.(change.key);
      const { namespace = "" } = (change.after ?? change.before)?.metadata ?? {};
      for (const test of namespaced.byIndex("namespace", namespace))
        if (changesRequests(test, change)) onKey(keyOfTest(test));
    },
  });
  const clusterWide = createReflector<ConnectivityTest>({
    api,
    log,
    path: clusterConnectivityTestsPath(),
    parse: (raw) => readTest(clusterConnectivityTestSchema, raw),
    onChange: seeTest,
  });
  const runs = createReflector<ProbeRun, RunIndex>({
    api,
    log,
    path: probeRunsPath(),
    parse: (raw) => probeRunSchema.parse(raw),
    indexers: RUN_INDEXERS,
    onChange: tell(keyOfRun),
  });
  const pods = createReflector<ProbePod, PodIndex>({
    api,
    log,
    path: podsPath(),
    // Probe pods are created with this policy; the field selector excludes nearly all other pods of the cluster.
    query: { fieldSelector: "spec.restartPolicy=Never" },
    parse: parseProbePod,
    indexers: POD_INDEXERS,
    onChange: tell((pod: ProbePod) => keyOfPod(pod, runs)),
  });
  const grants = createReflector<ProbeGrant>({
    api,
    log,
    path: probeGrantsPath(),
    parse(raw) {
      const { data, error } = probeGrantSchema.safeParse(raw);
      if (data) return data;
      const grant = unreadableGrant(raw);
      log.warn("a ProbeGrant cannot be read, and grants nothing", {
        grant: keyOf(grant.metadata),
        ...errorFields(error),
      });
      return grant;
    },
    onChange({ key }) {
      // A new grant is used by the next run; a grant that is deleted or changed ends the runs that depend on it.
      for (const test of new Set(runs.byIndex("grant", key).map(keyOfRun)))
        if (test !== undefined) onKey(test);
    },
  });
  /** Queues the tests of runs that depend on a changed object, if they name one of the changes in `rerunOn`. */
  function rerun(changes: readonly RerunOn[], depending: readonly ProbeRun[], queue = onKey) {
    for (const key of new Set(depending.map(keyOfRun))) {
      const named = key === undefined ? undefined : testOf(key)?.spec.rerunOn;
      if (key !== undefined && named?.some((change) => changes.includes(change)) === true) queue(key);
    }
  }
  // Changes of pods come in large numbers, and a change of a selector is followed by one of the endpoints.
  const debounce = createDebounce(onKey);
  const soon = (key: string) => debounce.add(key);
  const { caches, dependencyState } = createDependencyCaches({
    api,
    log,
    policyKinds,
    argoRollouts,
    now,
    onPolicyChange: (namespace) => rerun(["PolicyChange"], runs.byIndex("policyNamespace", namespace)),
    onSelectorChange: (namespace) =>
      rerun(["PolicyChange"], runs.byIndex("policyNamespace", namespace), soon),
    onLabelChange: (uid) => rerun(["PolicyChange"], runs.byIndex("workload", uid), soon),
    onEndpointChange: (service) =>
      rerun(["PolicyChange", "WorkloadChange"], runs.byIndex("service", service), soon),
    onWorkloadChange(uid) {
      rerun(["WorkloadChange"], runs.byIndex("workload", uid));
      // A run for other labels waits for the end of the rollout.
      rerun(["PolicyChange"], runs.byIndex("workload", uid), soon);
    },
  });
  const testOf = (key: string) => namespaced.get(key) ?? clusterWide.get(key);
  const allTests = () => [namespaced, clusterWide].values().flatMap((cache) => cache.values());
  const gated = onGatedPod ? [gatedPods] : [];
  const all = [namespaced, clusterWide, grants, runs, pods, ...gated, ...caches];
  async function allSynced() {
    await Promise.all(all.map((cache) => cache.synced));
  }

  return {
    tests: { get: testOf, values: allTests },
    testsIn: (namespace) => namespaced.byIndex("namespace", namespace),
    gatedPods,
    grants,
    runs,
    pods,
    dependencyState,
    requestLog,
    start: () => all.forEach((cache) => cache.start()),
    stop() {
      debounce.stop();
      all.forEach((cache) => cache.stop());
    },
    synced: allSynced(),
    get hasSynced() {
      return all.every((cache) => cache.hasSynced);
    },
  };
}
