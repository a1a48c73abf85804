/**
 * The resources of a probe pod. It has both requests because autoscalers and quotas cannot handle a pod without them.
 * The CPU request is the pod's weight on a busy node: an attempt takes about 10 ms of CPU, and one with too little
 * CPU has no result.
 */
export function resourcesFor(checks: number) {
  return { requests: { cpu: `${10 + 5 * checks}m`, memory: "64Mi" }, limits: { memory: "256Mi" } };
}

/** The CPU limit, if there must be one: enough for a round of all checks within its second, and for the start. */
export const cpuLimitFor = (checks: number) => `${500 + 25 * checks}m`;
