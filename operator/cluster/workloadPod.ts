import { z } from "zod";
import { metadataSchema } from "../../crds/metadata.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";

const portReference = z.union([z.number(), z.string()]);
const probeAction = z.object({ port: portReference, host: z.string().default("") });

const containerSchema = z.object({
  name: z.string().default(""),
  ports: z
    .array(
      z.object({
        name: z.string().default(""),
        containerPort: z.number(),
        protocol: z.string().default("TCP"),
        hostPort: z.number().optional(),
      }),
    )
    .default([]),
  readinessProbe: z
    .object({
      httpGet: probeAction.optional(),
      tcpSocket: probeAction.optional(),
      grpc: probeAction.optional(),
    })
    .optional(),
});
type Container = z.infer<typeof containerSchema>;

/** A pod of a source or of a target, with the fields that planning needs. */
export const workloadPodSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    nodeName: z.string().default(""),
    hostNetwork: z.boolean().default(false),
    serviceAccountName: z.string().default("default"),
    runtimeClassName: z.string().optional(),
    tolerations: z.array(z.looseObject({})).default([]),
    dnsPolicy: z.string().optional(),
    dnsConfig: z.looseObject({}).optional(),
    hostAliases: z.array(z.looseObject({})).default([]),
    restartPolicy: z.string().default("Always"),
    readinessGates: z.array(z.object({ conditionType: z.string() })).default([]),
    containers: z.array(containerSchema).default([]),
    initContainers: z.array(containerSchema.extend({ restartPolicy: z.string().default("") })).default([]),
  }),
  status: z
    .object({
      phase: z.string().default(""),
      reason: z.string().default(""),
      podIPs: z.array(z.object({ ip: z.string() })).default([]),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .default([]),
      /** Parsed only for the few pods whose STATUS a message contains. */
      initContainerStatuses: z.unknown().optional(),
      containerStatuses: z.unknown().optional(),
    })
    .prefault({}),
});
export type WorkloadPod = z.infer<typeof workloadPodSchema>;

/** Reports whether the pod runs, has an address, and is not terminating. */
export function isRunning(pod: WorkloadPod): boolean {
  return pod.status.phase === "Running" && hasNetwork(pod);
}

/**
 * Reports whether the pod has an address, has not ended, and is not terminating. So its sandbox is there, and policies apply to
 * it: also while its init containers run.
 */
export function hasNetwork({ metadata, status }: WorkloadPod): boolean {
  const hasNotEnded = status.phase === "Running" || status.phase === "Pending";
  return hasNotEnded && status.podIPs.length > 0 && metadata.deletionTimestamp === undefined;
}

/** Reports whether a condition of the pod is `True`. */
export function hasCondition({ status }: WorkloadPod, type: string): boolean {
  return status.conditions.some((one) => one.type === type && one.status === "True");
}

/** Returns the pod's address in a family. */
export function podAddress({ status }: WorkloadPod, family: Family): string | undefined {
  return status.podIPs.find(({ ip }) => familyOf(ip) === family)?.ip;
}

/**
 * Returns the numbers of all TCP ports of that name, each once: two containers of a pod may use the same name. A Service
 * leads to the first of them alone; its EndpointSlices have the number.
 */
export function namedPorts(pod: WorkloadPod, name: string): number[] {
  const named = lastingContainers(pod)
    .flatMap(({ ports }) => ports)
    .filter((port) => port.name === name && port.protocol === "TCP");
  return [...new Set(named.map(({ containerPort }) => containerPort))];
}

/** Reports whether the pod's node translates the TCP port to a port of the pod. On the host network nothing is translated. */
export function hasHostPort(pod: WorkloadPod, port: number): boolean {
  return (
    !pod.spec.hostNetwork &&
    lastingContainers(pod)
      .flatMap(({ ports }) => ports)
      .some(({ hostPort, protocol }) => hostPort === port && protocol === "TCP")
  );
}

// An init container that is always restarted is a sidecar: it runs as long as the pod does (KEP-753).
function lastingContainers({ spec }: WorkloadPod): Container[] {
  return [
    ...spec.containers,
    ...spec.initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"),
  ];
}

/**
 * Reports whether the kubelet proves the port at this address: the pod is Ready, and a readiness probe by HTTP, TCP
 * or gRPC uses the port. The kubelet probes only the first address of a pod, and another host if the probe names one.
 * The result can be as old as the probe's period times its threshold, so it is weaker than an observation.
 */
export function isReadyOnPort(
  pod: WorkloadPod,
  { address, port }: { readonly address: string; readonly port: number },
): boolean {
  return (
    hasCondition(pod, "Ready") &&
    pod.status.podIPs[0]?.ip === address &&
    lastingContainers(pod).flatMap(probedPorts).includes(port)
  );
}

// The kubelet resolves a named port in the probed container alone.
function probedPorts({ ports, readinessProbe: probe }: Container): (number | undefined)[] {
  return [probe?.httpGet, probe?.tcpSocket, probe?.grpc]
    .flatMap((action) => (action === undefined || action.host !== "" ? [] : [action.port]))
    .map((port) =>
      typeof port === "number" ? port : ports.find(({ name }) => name === port)?.containerPort,
    );
}
