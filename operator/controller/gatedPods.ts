import { createHash } from "node:crypto";
import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { PASSED_GATE } from "../../crds/group.ts";
import { controllerOf } from "../../crds/metadata.ts";
import { isRunning, workloadPodSchema, type WorkloadPod } from "../cluster/workloadPod.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { podsPath } from "../runtime/resourcePaths.ts";
import type { Change } from "../runtime/store.ts";
import { type GatedPod, namesAsSource } from "../status/podGate.ts";

/** A condition of a pod, which is written back with all fields that other controllers and versions give it. */
const podConditionSchema = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: z.string().nullish(),
});
type PodCondition = z.infer<typeof podConditionSchema>;

const gatedSchema = z.object({
  spec: z.object({ readinessGates: z.array(z.object({ conditionType: z.string() })).default([]) }),
});
const podConditionsSchema = z.object({
  status: z.object({ conditions: z.array(podConditionSchema).default([]) }).prefault({}),
});

/** A gated pod, with what the operator needs to write its condition. */
export interface CachedGatedPod extends GatedPod {
  readonly metadata: GatedPod["metadata"] & { readonly resourceVersion: string };
  /** All conditions of the pod. */
  readonly conditions: readonly PodCondition[];
}

export interface GatedPodCacheOptions {
  readonly api: Api;
  readonly log: Log;
  readonly onChange: (change: Change<CachedGatedPod>) => void;
}

/** A cache of the pods with the readiness gate `netverdict.dev/passed`. Nothing is kept of other pods. */
export function createGatedPodCache({
  api,
  log,
  onChange,
}: GatedPodCacheOptions): Reflector<CachedGatedPod, "namespace"> {
  return createReflector<CachedGatedPod, "namespace">({
    api,
    log,
    path: podsPath(),
    // The others are probe pods, and those of Jobs, which no Service waits for.
    query: { fieldSelector: "spec.restartPolicy!=Never" },
    parse: gatedPodOf,
    indexers: { namespace: ({ metadata }) => [metadata.namespace] },
    onChange,
  });
}

/**
 * Reports whether a test requests other runs after this change: for a pod that runs since then, or instead of one that is gone.
 */
export function changesRequests(test: ConnectivityTest, { before, after }: Change<GatedPod>): boolean {
  const isSame = before?.isRunning === after?.isRunning && before?.revision === after?.revision;
  return !isSame && [before, after].some((pod) => pod !== undefined && namesAsSource(test, pod));
}

/** Returns the part of a pod to keep; undefined if it does not have the readiness gate. Throws ZodError. */
export function gatedPodOf(raw: unknown): CachedGatedPod | undefined {
  const gates = gatedSchema.parse(raw).spec.readinessGates;
  if (!gates.some(({ conditionType }) => conditionType === PASSED_GATE)) return undefined;
  const pod = workloadPodSchema.parse(raw);
  const { conditions } = podConditionsSchema.parse(raw).status;
  const own = conditions.find(({ type }) => type === PASSED_GATE);
  const { namespace, name, uid, labels, creationTimestamp, resourceVersion } = pod.metadata;
  return {
    metadata: { namespace, name, uid, labels, creationTimestamp, resourceVersion },
    revision: revisionOf(pod),
    isRunning: isRunning(pod),
    condition: own && { status: own.status, reason: own.reason ?? "", message: own.message ?? "" },
    conditions,
  };
}

/**
 * All labels count, those of one pod alone as well, because a policy can select by each of them. They have the hash of the
 * template for the controllers of Kubernetes; the other fields are those of a twin, for controllers that do not label their pods so.
 */
function revisionOf({ metadata, spec }: WorkloadPod): string {
  const { serviceAccountName, runtimeClassName, dnsPolicy, dnsConfig, hostAliases } = spec;
  const identity = [
    controllerOf(metadata)?.uid ?? metadata.uid,
    Object.entries(metadata.labels).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    [serviceAccountName, runtimeClassName, dnsPolicy, dnsConfig, hostAliases],
  ];
  return createHash("sha256").update(JSON.stringify(identity)).digest("base64url").slice(0, 22);
}
