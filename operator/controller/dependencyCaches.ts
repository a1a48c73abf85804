import { z } from "zod";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import { metadataSchema } from "../../crds/object.ts";
import { rolloutOf, type RolledKind, type Rollout } from "../cluster/rollout.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { networkPoliciesPath, workloadsPath } from "../runtime/resourcePaths.ts";
import type { Ground, PolicyVersion } from "./dependencyDigest.ts";

export interface GroundCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** Something that verdicts may rest on has changed. */
  readonly onChange: (change: RerunOn) => void;
}

/** What verdicts rest on, of the whole cluster, kept as digests. */
export interface GroundCaches {
  readonly caches: readonly Pick<Reflector<unknown>, "start" | "stop" | "synced" | "hasSynced">[];
  /** As it is now. */
  readonly ground: () => Ground;
}

const KINDS: readonly RolledKind[] = ["Deployment", "StatefulSet", "DaemonSet"];

const policySchema = z.object({ metadata: metadataSchema });

/** Caches of the NetworkPolicies, and of the workloads whose pods are made from a template. */
export function createGroundCaches({ api, log, onChange }: GroundCachesOptions): GroundCaches {
  const policies = createReflector<PolicyVersion>({
    api,
    log,
    path: networkPoliciesPath(),
    parse: policyVersion,
    onChange: () => onChange("PolicyChange"),
  });
  const rollouts = KINDS.map((kind) =>
    createReflector<Rollout>({
      api,
      log,
      path: workloadsPath(kind),
      parse: (raw) => rolloutOf(kind, raw),
      onChange({ before, after }) {
        // Their status is written at every step of every pod.
        const isSame = before?.template === after?.template && before?.isDone === after?.isDone;
        if (!isSame) onChange("WorkloadChange");
      },
    }),
  );
  return {
    caches: [policies, ...rollouts],
    ground: () => ({
      policies: [...policies.values()],
      rollouts: rollouts.flatMap((cache) => [...cache.values()]),
    }),
  };
}

function policyVersion(raw: unknown): PolicyVersion {
  const { namespace, name, uid, generation } = policySchema.parse(raw).metadata;
  return { metadata: { namespace, name, uid, generation } };
}
