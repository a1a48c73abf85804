import { z } from "zod";

import { leasePath, podsPath } from "../../operator/runtime/resourcePaths.ts";
import type { Read } from "../kube/read.ts";

const NAMESPACE = "netverdict-system";
const LEASE = leasePath(NAMESPACE, "netverdict");

const leaseSchema = z.object({
  spec: z.object({ holderIdentity: z.string().nullish(), leaseTransitions: z.int().default(0) }),
});
const podSchema = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  spec: z.object({ nodeName: z.string() }),
  status: z.object({ containerStatuses: z.array(z.object({ restartCount: z.int() })).default([]) }),
});

/** The name of the pod that leads; undefined if none does. */
export async function leaderOf(read: Read): Promise<string | undefined> {
  const { holder } = await leaseOf(read);
  // An identity is the name of the pod, and an id of the process.
  return holder === "" ? undefined : holder.slice(0, holder.lastIndexOf("_"));
}

/** Who holds the Lease ("": no process), and how often its holder has changed. */
export async function leaseOf(
  read: Read,
): Promise<{ readonly holder: string; readonly transitions: number }> {
  const { spec } = leaseSchema.parse(JSON.parse(await read(LEASE)));
  return { holder: spec.holderIdentity ?? "", transitions: spec.leaseTransitions };
}

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
    const line = text.split("\n").find((one) => one.startsWith(`${metric} `));
    if (line === undefined) throw new Error(`${name} has no metric ${metric}`);
    return Number(line.slice(metric.length + 1));
  };
  const mebibytes = (metric: string) => value(metric) / 1024 ** 2;
  return {
    process: `${name} since ${value(METRICS.started)}`,
    resident: mebibytes(METRICS.resident),
    heap: mebibytes(METRICS.heap),
  };
}
