import { z } from "zod";
import { PROBE_RUN } from "../../crds/group.ts";
import { controllerOf, metadataOf, metadataSchema } from "../../crds/metadata.ts";

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

/** The pod if a ProbeRun controls it, else undefined: the operator never remembers other people's pods. Throws ZodError. */
export function parseProbePod(raw: unknown): ProbePod | undefined {
  const owner = controllerOf(metadataOf(raw));
  return owner?.kind === PROBE_RUN.kind ? probePodSchema.parse(raw) : undefined;
}
