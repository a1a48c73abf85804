/**
 * What a probe pod asks for. Both requests are there for autoscalers and quotas, which cannot deal with a pod that has
 * none. The one for CPU is the pod's weight on a busy node: an attempt takes about 10 ms of CPU, and one that is starved
 * says nothing.
 */
export function resourcesFor(checks: number) {
  return { requests: { cpu: `${10 + 5 * checks}m`, memory: "64Mi" }, limits: { memory: "256Mi" } };
}

/** Where there must be a limit for CPU: enough for a round of so many checks within its second, and for the start. */
export const cpuLimitFor = (checks: number) => `${500 + 25 * checks}m`;
