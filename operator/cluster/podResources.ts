import { z } from "zod";
import type { Resources } from "../../crds/proberun/proberun.ts";
import { cpuLimitFor, resourcesFor } from "../../probes/pod/resources.ts";
import { formatBytes, formatCores, parseQuantity } from "./quantity.ts";

const amounts = z.record(z.string(), z.string()).default({});

/** https://kubernetes.io/docs/concepts/policy/limit-range/ */
export const limitRangeSchema = z.object({
  spec: z.object({
    limits: z
      .array(
        z.object({
          type: z.string(),
          min: amounts,
          max: amounts,
          default: amounts,
          maxLimitRequestRatio: amounts,
        }),
      )
      .default([]),
  }),
});
export type LimitRange = z.infer<typeof limitRangeSchema>;
type LimitRangeItem = LimitRange["spec"]["limits"][number];

/** https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export const resourceQuotaSchema = z.object({ spec: z.object({ hard: amounts }).prefault({}) });
export type ResourceQuota = z.infer<typeof resourceQuotaSchema>;

/** The LimitRanges and ResourceQuotas of a namespace. */
export interface NamespaceLimits {
  readonly limitRanges: readonly LimitRange[];
  readonly quotas: readonly ResourceQuota[];
}

type ResourceName = "cpu" | "memory";
/** The unit is cores or bytes. */
interface Amount {
  readonly request: number;
  readonly limit: number | undefined;
}

/**
 * Returns the resources of a probe pod with a number of checks in a namespace with rules: what it needs, adjusted to
 * their bounds. It has a CPU limit only if a quota requires one or a LimitRange would set one, which may be far too
 * low. Undefined if no rule applies. A probe pod has one container, so rules for pods apply to that container.
 */
export function podResources(
  checks: number,
  { limitRanges, quotas }: NamespaceLimits,
): Resources | undefined {
  const limits = limitRanges
    .flatMap(({ spec }) => spec.limits)
    .filter(({ type }) => type === "Container" || type === "Pod");
  const insists = quotas.some(({ spec }) => "limits.cpu" in spec.hard) || limits.some(setsCpuLimit);
  if (!insists && limits.length === 0) return undefined;
  const wanted = resourcesFor(checks);
  const cpuLimit = insists ? parseQuantity(cpuLimitFor(checks)) : undefined;
  const cpu = withinBounds(
    { request: parseQuantity(wanted.requests.cpu), limit: cpuLimit },
    bounds(limits, "cpu"),
  );
  const memory = withinBounds(
    { request: parseQuantity(wanted.requests.memory), limit: parseQuantity(wanted.limits.memory) },
    bounds(limits, "memory"),
  );
  return {
    requests: { cpu: formatCores(cpu.request), memory: formatBytes(memory.request) },
    limits: {
      ...(cpu.limit !== undefined && { cpu: formatCores(cpu.limit) }),
      ...(memory.limit !== undefined && { memory: formatBytes(memory.limit) }),
    },
  };
}

// A container without a limit gets the default one, which is `max` if there is no other.
const setsCpuLimit = (limit: LimitRangeItem) =>
  [limit.default, limit.max, limit.maxLimitRequestRatio].some((part) => "cpu" in part);

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** The ratio of the limit to the request. */
  readonly ratio: number;
}

/** The strictest of all. */
function bounds(limits: readonly LimitRangeItem[], name: ResourceName): Bounds {
  const all = (part: (limit: LimitRangeItem) => Readonly<Record<string, string>>) =>
    limits.flatMap((limit) => part(limit)[name] ?? []).map(parseQuantity);
  return {
    min: Math.max(0, ...all(({ min }) => min)),
    max: Math.min(Infinity, ...all(({ max }) => max)),
    ratio: Math.min(Infinity, ...all(({ maxLimitRequestRatio }) => maxLimitRequestRatio)),
  };
}

function withinBounds({ request, limit }: Amount, { min, max, ratio }: Bounds): Amount {
  const bounded = limit === undefined ? undefined : Math.min(Math.max(limit, min), max);
  const least = Math.max(request, min, (bounded ?? 0) / ratio);
  return { request: Math.min(least, bounded ?? max), limit: bounded };
}
