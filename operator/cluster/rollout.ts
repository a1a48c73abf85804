import { createHash } from "node:crypto";
import { z } from "zod";
import { metadataSchema, type Metadata } from "../../crds/metadata.ts";

/** The kinds whose pods are created from a template that may change. */
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

/** Returns the part of a Deployment, StatefulSet or DaemonSet to keep. */
export function rolloutOf(kind: RolledKind, raw: unknown): Rollout {
  const rolled = rolledSchema.parse(raw);
  return {
    metadata: { uid: rolled.metadata.uid },
    template: createHash("sha256")
      .update(JSON.stringify(rolled.spec.template))
      .digest("base64url")
      .slice(0, 16),
    isDone: rolled.status.observedGeneration >= rolled.metadata.generation && hasRolled(kind, rolled),
  };
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
