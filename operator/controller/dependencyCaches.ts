import { metadataOf } from "../../crds/metadata.ts";
import { rolloutOf, type RolledKind, type Rollout } from "../cluster/rollout.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { networkPoliciesPath, workloadsPath } from "../runtime/resourcePaths.ts";
import type { DependencyState, PolicyVersion } from "./dependencyDigest.ts";

export interface DependencyCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** Called when a NetworkPolicy of this namespace has changed. */
  readonly onPolicyChange: (namespace: string) => void;
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

/** Caches of the NetworkPolicies, and of the workloads with a pod template. */
export function createDependencyCaches({ api, log, ...on }: DependencyCachesOptions): DependencyCaches {
  const policies = createReflector<PolicyVersion, "namespace">({
    api,
    log,
    path: networkPoliciesPath(),
    parse: policyVersion,
    indexers: { namespace: ({ metadata }) => [metadata.namespace] },
    onChange({ before, after }) {
      const { namespace } = (after ?? before)?.metadata ?? {};
      if (namespace !== undefined) on.onPolicyChange(namespace);
    },
  });
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
    caches: [policies, ...rollouts],
    dependencyState: () => ({
      policiesOf: (namespace) => policies.byIndex("namespace", namespace),
      rolloutOf: (uid) => rollouts.flatMap((cache) => cache.byIndex("uid", uid))[0],
    }),
  };
}

function policyVersion(raw: unknown): PolicyVersion {
  const { namespace, name, uid, generation } = metadataOf(raw);
  return { metadata: { namespace, name, uid, generation } };
}
