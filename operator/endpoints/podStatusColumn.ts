import { z } from "zod";
import { hasCondition, type WorkloadPod } from "../cluster/workloadPod.ts";

const reasonText = z.string().default("");

const terminatedSchema = z.object({
  exitCode: z.number(),
  signal: z.number().default(0),
  reason: reasonText,
});
const containerStatusesSchema = z
  .array(
    z.object({
      name: z.string(),
      ready: z.boolean().default(false),
      started: z.boolean().nullish(),
      state: z
        .object({
          waiting: z.object({ reason: reasonText }).optional(),
          running: z.looseObject({}).optional(),
          terminated: terminatedSchema.optional(),
        })
        .default({}),
    }),
  )
  .default([]);
type ContainerStatus = z.infer<typeof containerStatusesSchema>[number];

/**
 * Returns the STATUS of a pod as `kubectl get pods` prints it: `Init:0/1`, `ImagePullBackOff`, `Completed`. The rules are those
 * of `printPod` (pkg/printers/internalversion/printers.go of Kubernetes 1.36). Throws ZodError.
 */
export function podStatusColumn(pod: WorkloadPod): string {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) {
    if (status.reason === "NodeLost") return "Unknown";
    if (status.phase !== "Succeeded" && status.phase !== "Failed") return "Terminating";
  }
  const initStatus = initStatusOf(pod);
  if (initStatus === undefined) return containersStatus(pod, podStatus(pod));
  return hasCondition(pod, "Initialized") ? containersStatus(pod, initStatus) : initStatus;
}

function podStatus({ status: { phase, reason, conditions } }: WorkloadPod): string {
  const gated = conditions.some((one) => one.type === "PodScheduled" && one.reason === "SchedulingGated");
  return gated ? "SchedulingGated" : reason || phase;
}

/** Undefined if all init containers have ended or, as sidecars, have started. */
function initStatusOf({ spec: { initContainers }, status }: WorkloadPod): string | undefined {
  const sidecars = new Set(
    initContainers.flatMap(({ name, restartPolicy }) => (restartPolicy === "Always" ? [name] : [])),
  );
  const statuses = containerStatusesSchema.parse(status.initContainerStatuses);
  const index = statuses.findIndex(
    ({ name, started, state }) =>
      state.terminated?.exitCode !== 0 && !(sidecars.has(name) && started === true),
  );
  const current = statuses[index];
  return current && `Init:${initContainerStatus(current) ?? `${index}/${initContainers.length}`}`;
}

/** Undefined if the container runs, or waits for its turn. */
function initContainerStatus({ state: { terminated, waiting } }: ContainerStatus): string | undefined {
  if (terminated) return terminatedStatus(terminated);
  return waiting && waiting.reason !== "" && waiting.reason !== "PodInitializing"
    ? waiting.reason
    : undefined;
}

/** The first container that has a status of its own decides. */
function containersStatus(pod: WorkloadPod, otherwise: string): string {
  const containers = containerStatusesSchema.parse(pod.status.containerStatuses);
  const [status = otherwise] = containers.flatMap((container) => containerStatus(container) ?? []);
  if (status !== "Completed") return status;
  const runs = containers.some(({ ready, state }) => ready && state.running !== undefined);
  if (runs && hasCondition(pod, "Ready")) return "Running";
  const failed = containers.find(({ state }) => (state.terminated?.exitCode ?? 0) !== 0);
  return (failed && containerStatus(failed)) ?? (runs ? "NotReady" : status);
}

function containerStatus({ state: { waiting, terminated } }: ContainerStatus): string | undefined {
  if (waiting && waiting.reason !== "") return waiting.reason;
  return terminated && terminatedStatus(terminated);
}

function terminatedStatus({ reason, signal, exitCode }: z.infer<typeof terminatedSchema>): string {
  if (reason !== "") return reason;
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}
