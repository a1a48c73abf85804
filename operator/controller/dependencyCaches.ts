import { isDeepStrictEqual } from "node:util";
import { metadataOf, type Metadata } from "../../crds/metadata.ts";
import type { ServedKinds } from "../cluster/policies/discovery.ts";
import { rolloutOf, type RolledKind, type Rollout } from "../cluster/rollout.ts";
import { serviceSchema } from "../cluster/service.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { namespacesPath, servicesPath, workloadsPath } from "../runtime/resourcePaths.ts";
import type { DependencyState, ServiceSelector } from "./dependencyDigest.ts";
import { createPodLabelCaches } from "./podLabelCaches.ts";
import { createPolicyCaches } from "./policyCaches.ts";

export interface DependencyCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** The kinds of policies that are watched. */
  readonly policyKinds: ServedKinds;
  /** Called when a policy of this namespace has changed; "" for a cluster-wide one. */
  readonly onPolicyChange: (namespace: string) => void;
  /** Called when the labels of the pods of the workload with this UID may have changed. */
  readonly onLabelChange: (uid: string) => void;
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

/** Caches of the policies, of the objects whose labels they select and of their pods, and of the workloads with a pod template. */
export function createDependencyCaches({
  api,
  log,
  policyKinds,
  ...on
}: DependencyCachesOptions): DependencyCaches {
  const policies = createPolicyCaches({ api, log, policyKinds, onPolicyChange: on.onPolicyChange });
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
      if (namespace !== undefined && !isSame) on.onPolicyChange(namespace);
    },
  });
  const podLabels = createPodLabelCaches({ api, log, onLabelChange: on.onLabelChange });
  const rollouts = ROLLOUT_KINDS.map((kind) =>
    createReflector<Rollout, "uid">({
      api,
      log,
      path: workloadsPath(kind),
      parse: (raw) => rolloutOf(kind, raw),
      indexers: { uid: ({ metadata }) => [metadata.uid] },
      onChange({ before, after }) {
        // Their status changes with every state change of every pod.
        const isSame = before?.template === after?.template && before?.isDone === after?.isDone;
        const uid = (after ?? before)?.metadata.uid;
        if (!isSame && uid !== undefined) on.onWorkloadChange(uid);
      },
    }),
  );
  return {
    caches: [policies, namespaces, services, ...podLabels.caches, ...rollouts],
    dependencyState: () => ({
      policiesOf: (namespace) => policies.policiesOf(namespace),
      labelsOf: (namespace) => namespaces.get(`/${namespace}`)?.labels ?? {},
      servicesOf: (namespace) => services.byIndex("namespace", namespace),
      rolloutOf: (uid) => rollouts.flatMap((cache) => cache.byIndex("uid", uid))[0],
      podLabelsOf: (uid) => podLabels.podLabelsOf(uid),
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
