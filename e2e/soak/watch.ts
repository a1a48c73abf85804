import { setTimeout as sleep } from "node:timers/promises";

import { holderOf, memoryOf, podOfHolder } from "./operatorPods.ts";
import type { Point } from "./slope.ts";
import type { Soaking } from "./soaking.ts";

const EVERY_MS = 2_000;

/** What the soak test has seen of the operator's replicas. */
export interface Watched {
  /** When the holder of the Lease was another one than before, in milliseconds. */
  readonly changes: readonly number[];
  /** Memory of each process while it led: seconds since the soak test began, and MiB. */
  readonly memory: ReadonlyMap<
    string,
    { readonly resident: readonly Point[]; readonly heap: readonly Point[] }
  >;
}

/** Reads the Lease and the memory of the leader every two seconds until the soak test ends. The API server may be away. */
export async function watchOperator({ read, ended }: Soaking, started: number): Promise<Watched> {
  const changes: number[] = [];
  const memory = new Map<string, { resident: Point[]; heap: Point[] }>();
  let known = "";
  while (!ended.aborted) {
    const holder = await holderOf(read).catch(() => undefined);
    if (holder !== undefined) {
      if (known !== "" && holder !== known) changes.push(Date.now());
      known = holder;
    }
    const leader = holder === undefined ? undefined : podOfHolder(holder);
    const used = leader === undefined ? undefined : await memoryOf(read, leader).catch(() => undefined);
    if (used !== undefined) {
      const series = memory.get(used.process) ?? { resident: [], heap: [] };
      memory.set(used.process, series);
      const seconds = (Date.now() - started) / 1_000;
      series.resident.push([seconds, used.resident]);
      series.heap.push([seconds, used.heap]);
    }
    await sleep(EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
  }
  return { changes, memory };
}
