import { z } from "zod";
import { API_VERSION, NEVER_READY, PROBE_POD_NAME, PROBE_RUN } from "../../crds/group.ts";
import {
  controllerOf,
  keyOf,
  type Metadata,
  metadataSchema,
  type OwnerReference,
} from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";

/** The container whose state is the state of the probe; others (an injected sidecar) may run longer. */
export const PROBE_CONTAINER = "probe";

const text = z.string().default("");

const stateSchema = z.object({
  waiting: z.object({ reason: text, message: text }).optional(),
  running: z.object({ startedAt: z.string().optional() }).optional(),
  terminated: z
    .object({
      exitCode: z.number(),
      reason: text,
      message: text,
      startedAt: z.string().nullish(),
      finishedAt: z.string().nullish(),
    })
    .optional(),
});

const rawPodSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    nodeName: text,
    runtimeClassName: text,
    serviceAccountName: z.string().default("default"),
    hostNetwork: z.boolean().default(false),
    dnsPolicy: z.string().default("ClusterFirst"),
    dnsConfig: z.looseObject({}).default({}),
    hostAliases: z.array(z.looseObject({})).default([]),
    containers: z.array(z.object({ name: z.string() })).default([]),
    initContainers: z.array(z.object({ name: z.string(), restartPolicy: text })).default([]),
    ephemeralContainers: z.array(z.object({ name: z.string() })).default([]),
  }),
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      startTime: z.string().nullish(),
      podIPs: z.array(z.object({ ip: z.string() })).default([]),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: text,
            message: text,
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .default([]),
      containerStatuses: z.array(z.object({ name: z.string(), state: stateSchema.default({}) })).default([]),
    })
    .prefault({}),
});

/**
 * A probe pod as the operator caches it, with the fields that show the state of the probe and its network identity as it
 * was created. At most one of `waiting`,
 * `running` and `terminated` (the state of the container `probe`) is set; none before the kubelet has observed the
 * pod. `terminated.message` is the termination message, which the container writes: hostile input.
 */
export const probePodSchema = rawPodSchema.transform(({ metadata, spec, status }) => {
  const probe = status.containerStatuses.find(({ name }) => name === PROBE_CONTAINER)?.state ?? {};
  const { phase, reason, message, startTime, conditions, podIPs } = status;
  return {
    metadata,
    nodeName: spec.nodeName,
    runtimeClassName: spec.runtimeClassName,
    ...(typeof startTime === "string" && { startTime }),
    serviceAccountName: spec.serviceAccountName,
    hostNetwork: spec.hostNetwork,
    dnsPolicy: spec.dnsPolicy,
    dnsConfig: spec.dnsConfig,
    hostAliases: spec.hostAliases,
    injected: besideProbe(spec),
    ephemeral: spec.ephemeralContainers.map(({ name }) => name),
    phase,
    reason,
    message,
    podIPs: podIPs.map(({ ip }) => ip),
    conditions,
    ...probe,
  };
});
export type ProbePod = z.infer<typeof probePodSchema>;

/**
 * Returns the containers that admission has added and that run as long as the probe. An init container that is always
 * restarted is a sidecar (KEP-753). Other init containers end before the probe starts and answer no connections.
 */
function besideProbe({ containers, initContainers }: z.infer<typeof rawPodSchema>["spec"]): string[] {
  return [...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"), ...containers]
    .map(({ name }) => name)
    .filter((name) => name !== PROBE_CONTAINER);
}

/** What the kubelet reports of a container while it creates the pod's sandbox, its network, init containers and containers. */
const STARTING_REASONS = new Set(["", "ContainerCreating", "PodInitializing"]);

/**
 * Reports whether a pod is being started, from its creation until its probe runs. One that waits for anything else, such as a
 * node with room or an image that cannot be pulled, costs no CPU and is not being started.
 */
export function isStarting(pod: ProbePod): boolean {
  if (pod.running || pod.terminated || pod.phase === "Failed" || pod.phase === "Succeeded") return false;
  return !isUnscheduled(pod) && STARTING_REASONS.has(pod.waiting?.reason ?? "");
}

/** Reports whether the scheduler has found no node for the pod, or must not look for one yet. */
export const isUnscheduled = ({ conditions }: ProbePod) =>
  conditions.some(({ type, status }) => type === "PodScheduled" && status === "False");

/** The fields of a pod by which the operator recognises the pods that it creates. */
export interface PodFields {
  readonly metadata: Metadata;
  readonly spec: {
    readonly restartPolicy: string;
    readonly readinessGates: readonly { readonly conditionType: string }[];
    readonly containers: readonly { readonly name: string }[];
  };
}

const podFieldsSchema = z.object({
  metadata: metadataSchema,
  spec: z
    .object({
      restartPolicy: text,
      readinessGates: z.array(z.object({ conditionType: z.string() })).default([]),
      containers: z.array(z.object({ name: z.string() })).default([]),
    })
    .prefault({}),
});

/** The ProbeRun that controls an object, if any. */
function controllingRun(metadata: Metadata): OwnerReference | undefined {
  const owner = controllerOf(metadata);
  return owner?.apiVersion === API_VERSION && owner.kind === PROBE_RUN.kind ? owner : undefined;
}

/**
 * Reports whether a ProbeRun controls the pod, and the pod has what the operator gives to each of its pods: the container of the
 * probe, the readiness gate that no controller sets, and no restarts. The image and the command do not count, because admission may
 * replace both.
 */
function looksLikeProbePod({ metadata, spec }: PodFields): boolean {
  return (
    controllingRun(metadata) !== undefined &&
    spec.restartPolicy === "Never" &&
    spec.readinessGates.some(({ conditionType }) => conditionType === NEVER_READY) &&
    spec.containers.some(({ name }) => name === PROBE_CONTAINER)
  );
}

/**
 * Returns the pod if it looks like one that the operator creates, else undefined: the operator never caches pods of others. Throws
 * ZodError.
 */
export function parseProbePod(raw: unknown): ProbePod | undefined {
  return looksLikeProbePod(podFieldsSchema.parse(raw)) ? probePodSchema.parse(raw) : undefined;
}

/** The same by the metadata alone: a ProbeRun controls the pod, and it has a name that is reserved for such pods. */
export function isNamedAsProbePod(metadata: Metadata): boolean {
  return controllingRun(metadata) !== undefined && PROBE_POD_NAME.test(metadata.name);
}

/** The ProbeRuns by `namespace/name`, as the cache has them. */
export interface KnownRuns {
  get(key: string): ProbeRun | undefined;
}

/**
 * Reports whether netverdict created the pod. Such a pod is never a source, a target or a workload. An owner reference is
 * not enough, because each user who may create pods can write one, and would hide a workload from the tests. The pod must look like a
 * probe pod, and the ProbeRun must plan a pod of this name. Once the run has recorded the UID of its pod, no other pod of that
 * name counts.
 *
 * A pod whose ProbeRun does not exist counts as created by netverdict if it looks like it, because the garbage collector deletes it
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/). Probe pods exist for a moment without their ProbeRun.
 */
export function isProbePod(pod: PodFields, runs: KnownRuns): boolean {
  const { namespace, name, uid } = pod.metadata;
  const owner = controllingRun(pod.metadata);
  if (owner === undefined || !looksLikeProbePod(pod)) return false;
  const run = runs.get(keyOf({ namespace, name: owner.name }));
  if (run?.metadata.uid !== owner.uid) return true;
  const recorded = run.status.pods.find((known) => known.name === name)?.uid ?? uid;
  return recorded === uid && run.spec.pods.some((planned) => planned.name === name);
}
