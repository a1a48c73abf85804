import { z } from "zod";

import { leasePath, podsPath } from "../../operator/runtime/resourcePaths.ts";
import { metricSum } from "../kube/metricSum.ts";
import type { Read } from "../kube/read.ts";

const NAMESPACE = "netverdict-system";
const LEASE = leasePath(NAMESPACE, "netverdict");

const leaseSchema = z.object({
  spec: z.object({ holderIdentity: z.string().nullish() }),
});
const podSchema = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  spec: z.object({ nodeName: z.string() }),
});

/** Who holds the Lease: the name of the pod and an id of its process; "": no process. */
export async function holderOf(read: Read): Promise<string> {
  return leaseSchema.parse(JSON.parse(await read(LEASE))).spec.holderIdentity ?? "";
}

/** The pod of a holder; undefined if no process holds the Lease. */
export const podOfHolder = (holder: string): string | undefined =>
  holder === "" ? undefined : holder.slice(0, holder.lastIndexOf("_"));

export async function podOf(
  read: Read,
  name: string,
): Promise<{ readonly uid: string; readonly node: string }> {
  const { metadata, spec } = podSchema.parse(JSON.parse(await read(podsPath(NAMESPACE, name))));
  return { uid: metadata.uid, node: spec.nodeName };
}

const METRICS = {
  resident: "process_resident_memory_bytes",
  heap: "nodejs_heap_size_used_bytes",
  started: "process_start_time_seconds",
} as const;

/** Memory in MiB of a replica, and when its process started: a restarted one counts as another. */
export interface Memory {
  readonly process: string;
  readonly resident: number;
  readonly heap: number;
}

export async function memoryOf(read: Read, name: string): Promise<Memory> {
  const text = await read(`${podsPath(NAMESPACE, `${name}:8080`)}/proxy/metrics`);
  const value = (metric: string) => {
    const found = metricSum(text, metric);
    if (found === 0) throw new Error(`${name} has no metric ${metric}`);
    return found;
  };
  const mebibytes = (metric: string) => value(metric) / 1024 ** 2;
  return {
    process: `${name} since ${value(METRICS.started)}`,
    resident: mebibytes(METRICS.resident),
    heap: mebibytes(METRICS.heap),
  };
}
