import { createHash } from "node:crypto";
import { z } from "zod";
import { metadataSchema, type Metadata, type OwnerReference } from "../../crds/metadata.ts";
import type { InstallableKind } from "./policies/kinds.ts";

/** The kinds of every cluster whose pods are created from a template that may change. */
export type RolledKind = "Deployment" | "StatefulSet" | "DaemonSet";

/** A workload, with the fields that show whether its pods have been replaced. */
export interface Rollout {
  readonly metadata: Pick<Metadata, "uid">;
  /** A digest of the pod template. */
  readonly template: string;
  /** Whether every pod is of this template, and available. */
  readonly isDone: boolean;
}

const replicaCount = z.number().default(0);
const rolledSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.number().default(1),
    template: z.unknown(),
    updateStrategy: z
      .object({
        type: z.string().optional(),
        rollingUpdate: z.object({ partition: z.number().default(0) }).nullish(),
      })
      .optional(),
  }),
  status: z
    .object({
      observedGeneration: replicaCount,
      replicas: replicaCount,
      updatedReplicas: replicaCount,
      readyReplicas: replicaCount,
      availableReplicas: replicaCount,
      desiredNumberScheduled: replicaCount,
      updatedNumberScheduled: replicaCount,
      numberAvailable: replicaCount,
    })
    .prefault({}),
});
type Rolled = z.infer<typeof rolledSchema>;

/** Argo Rollouts, where they are installed. */
export const ARGO_ROLLOUT: InstallableKind = { groups: ["argoproj.io"], plural: "rollouts" };

/** Reports whether the owner is an Argo Rollout. */
export function isArgoRollout({ apiVersion, kind }: Pick<OwnerReference, "apiVersion" | "kind">): boolean {
  return kind === "Rollout" && ARGO_ROLLOUT.groups.some((group) => apiVersion.startsWith(`${group}/`));
}

const argoRolloutSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ template: z.unknown().optional(), workloadRef: z.unknown().optional() }),
  status: z
    .object({
      phase: z.string().default(""),
      // The controller writes the number as text.
      observedGeneration: z.coerce.number().catch(0).default(0),
      currentPodHash: z.string().default(""),
      stableRS: z.string().default(""),
    })
    .prefault({}),
});

/** Returns the part of a Deployment, StatefulSet or DaemonSet to keep. */
export function rolloutOf(kind: RolledKind, raw: unknown): Rollout {
  const rolled = rolledSchema.parse(raw);
  return {
    metadata: { uid: rolled.metadata.uid },
    template: templateDigest(rolled.spec.template),
    isDone: rolled.status.observedGeneration >= rolled.metadata.generation && hasRolled(kind, rolled),
  };
}

/**
 * Returns the part of an Argo Rollout to keep (https://argo-rollouts.readthedocs.io/en/stable/features/specification/). While it
 * pauses between two steps it replaces no pods, so it is done; that the new pods have become the stable ones is another change.
 * Its template may be that of a Deployment that it names; then the hash of its pods shows a change.
 */
export function argoRolloutOf(raw: unknown): Rollout {
  const { metadata, spec, status } = argoRolloutSchema.parse(raw);
  const isObserved = status.observedGeneration >= metadata.generation;
  return {
    metadata: { uid: metadata.uid },
    template: templateDigest([spec.template, spec.workloadRef, status.currentPodHash, status.stableRS]),
    isDone: isObserved && (status.phase === "Healthy" || status.phase === "Paused"),
  };
}

function templateDigest(template: unknown): string {
  return createHash("sha256").update(JSON.stringify(template)).digest("base64url").slice(0, 16);
}

/**
 * The rule of `kubectl rollout status`. If the strategy keeps old pods on purpose, it is sufficient that all pods are
 * ready.
 */
function hasRolled(kind: RolledKind, { spec, status }: Rolled): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const leavesOld = type === "OnDelete" || (rollingUpdate?.partition ?? 0) > 0;
  switch (kind) {
    case "Deployment":
      return allAre(spec.replicas, [status.replicas, status.updatedReplicas, status.availableReplicas]);
    case "StatefulSet":
      return allAre(spec.replicas, [status.readyReplicas, ...(leavesOld ? [] : [status.updatedReplicas])]);
    case "DaemonSet":
      return allAre(status.desiredNumberScheduled, [
        status.numberAvailable,
        ...(leavesOld ? [] : [status.updatedNumberScheduled]),
      ]);
  }
}

const allAre = (wanted: number, counts: readonly number[]) => counts.every((one) => one === wanted);
