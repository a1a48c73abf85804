import { isDeepStrictEqual } from "node:util";
import { metadataOf, type Metadata } from "../../crds/metadata.ts";
import type { Discovery, ServedKinds } from "../cluster/policies/discovery.ts";
import type { InstallableKind } from "../cluster/policies/kinds.ts";
import { policyIdentity } from "../cluster/policies/policy.ts";
import { argoRolloutOf, rolloutOf, type RolledKind, type Rollout } from "../cluster/rollout.ts";
import { serviceSchema } from "../cluster/service.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { namespacesPath, servicesPath, workloadsPath } from "../runtime/resourcePaths.ts";
import type { DependencyState, PolicyVersion, ServiceSelector } from "./dependencyDigest.ts";
import { createEndpointCaches } from "./endpointCaches.ts";
import { createInstalledCaches } from "./installedCaches.ts";
import { createPodLabelCaches } from "./podLabelCaches.ts";
import { createSince } from "./since.ts";

export interface DependencyCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** The kinds of policies that are watched. */
  readonly policyKinds: ServedKinds;
  /** Argo Rollouts, where they are installed. */
  readonly argoRollouts: Discovery<InstallableKind>;
  readonly now: () => Date;
  /** Called when a policy of this namespace has changed, or its labels; "" for a cluster-wide policy. */
  readonly onPolicyChange: (namespace: string) => void;
  /** Called when a Service of this namespace selects other pods. */
  readonly onSelectorChange: (namespace: string) => void;
  /** Called when the labels of the pods of the workload with this UID may have changed. */
  readonly onLabelChange: (uid: string) => void;
  /** Called when the ready endpoints of the Service with this key have changed. */
  readonly onEndpointChange: (service: string) => void;
  /** Called when the pod template of the workload with this UID has changed, or its rollout has ended. */
  readonly onWorkloadChange: (uid: string) => void;
}

/** The dependencies of verdicts in the whole cluster, kept as digests. */
export interface DependencyCaches {
  readonly caches: readonly Pick<Reflector<unknown>, "start" | "stop" | "synced" | "hasSynced">[];
  /** The current state. */
  readonly dependencyState: () => DependencyState;
}

const ROLLOUT_KINDS: readonly RolledKind[] = ["Deployment", "StatefulSet", "DaemonSet"];

/**
 * Caches of the policies, of the objects whose labels they select and of their pods, of the endpoints of Services, and of the
 * workloads with a pod template.
 */
export function createDependencyCaches({
  api,
  log,
  policyKinds,
  argoRollouts,
  now,
  ...on
}: DependencyCachesOptions): DependencyCaches {
  const unsettled = createSince(now);
  const policies = createInstalledCaches<PolicyVersion, "namespace">({
    log,
    what: "policies",
    installed: policyKinds,
    onForgotten: ({ metadata }) => on.onPolicyChange(metadata.namespace),
    reflectorOf: (path, onFailure) =>
      createReflector<PolicyVersion, "namespace">({
        api,
        log,
        path,
        parse: (raw) => ({ metadata: policyIdentity(metadataOf(raw)) }),
        indexers: { namespace: ({ metadata }) => [metadata.namespace] },
        onChange({ before, after }) {
          const { namespace } = (after ?? before)?.metadata ?? {};
          if (namespace !== undefined) on.onPolicyChange(namespace);
        },
        onFailure,
      }),
  });
  const namespaces = createReflector<LabelledNamespace>({
    api,
    log,
    path: namespacesPath(),
    parse: labelledNamespace,
    onChange({ before, after }) {
      const name = (after ?? before)?.metadata.name;
      if (name !== undefined && !isDeepStrictEqual(before?.labels, after?.labels)) on.onPolicyChange(name);
    },
  });
  const services = createReflector<ServiceSelector, "namespace">({
    api,
    log,
    path: servicesPath(),
    parse: serviceSelector,
    indexers: { namespace: ({ metadata }) => [metadata.namespace] },
    onChange({ before, after }) {
      const namespace = (after ?? before)?.metadata.namespace;
      const isSame = isDeepStrictEqual(before?.selector, after?.selector);
      if (namespace !== undefined && !isSame) on.onSelectorChange(namespace);
    },
  });
  const podLabels = createPodLabelCaches({ api, log, onLabelChange: on.onLabelChange });
  const { cache: slices, endpointsOf } = createEndpointCaches({
    api,
    log,
    workloadOf: (pod) => podLabels.workloadOf(pod),
    onEndpointChange(service) {
      unsettled.set(service, endpointsOf(service).length === 0);
      on.onEndpointChange(service);
    },
  });
  const rolloutsAt = (
    path: string,
    parse: (raw: unknown) => Rollout,
    onFailure: (error: unknown) => void = () => {},
  ) =>
    createReflector<Rollout, "uid">({
      api,
      log,
      path,
      parse,
      indexers: { uid: ({ metadata }) => [metadata.uid] },
      onChange({ before, after }) {
        const was: Partial<Rollout> = before ?? {};
        const is: Partial<Rollout> = after ?? {};
        const uid = (is.metadata ?? was.metadata)?.uid;
        if (uid === undefined) return;
        const isOther = is.template !== was.template;
        // Another template begins another rollout.
        if (isOther) unsettled.set(uid, false);
        unsettled.set(uid, is.isDone === false);
        // Their status changes with every state change of every pod.
        if (isOther || is.isDone !== was.isDone) on.onWorkloadChange(uid);
      },
      onFailure,
    });
  const argo = createInstalledCaches<Rollout, "uid">({
    log,
    what: "Rollouts",
    installed: argoRollouts,
    onForgotten({ metadata: { uid } }) {
      unsettled.set(uid, false);
      on.onWorkloadChange(uid);
    },
    reflectorOf: (path, onFailure) => rolloutsAt(path, argoRolloutOf, onFailure),
  });
  const rollouts = [
    ...ROLLOUT_KINDS.map((kind) => rolloutsAt(workloadsPath(kind), (raw) => rolloutOf(kind, raw))),
    argo,
  ];
  return {
    caches: [policies, namespaces, services, ...podLabels.caches, slices, ...rollouts],
    dependencyState: () => ({
      policiesOf: (namespace) => policies.byIndex("namespace", namespace),
      labelsOf: (namespace) => namespaces.get(`/${namespace}`)?.labels ?? {},
      servicesOf: (namespace) => services.byIndex("namespace", namespace),
      rolloutOf: (uid) => rollouts.flatMap((cache) => cache.byIndex("uid", uid))[0],
      podLabelsOf: (uid) => podLabels.podLabelsOf(uid),
      endpointsOf,
      unsettledSince: (key) => unsettled.get(key),
      missingRight: argo.missingRight,
    }),
  };
}

interface LabelledNamespace extends Pick<Metadata, "labels"> {
  readonly metadata: Pick<Metadata, "name" | "uid">;
}

function labelledNamespace(raw: unknown): LabelledNamespace {
  const { name, uid, labels } = metadataOf(raw);
  return { metadata: { name, uid }, labels };
}

function serviceSelector(raw: unknown): ServiceSelector {
  const { metadata, spec } = serviceSchema.parse(raw);
  const { namespace, name, uid } = metadata;
  return { metadata: { namespace, name, uid }, selector: spec.selector };
}
