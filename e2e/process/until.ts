import { setTimeout as sleep } from "node:timers/promises";

import { Failure } from "./failure.ts";

interface Limits {
  readonly seconds: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks again and again until `check` gives a value; a check that throws counts as "not yet". Fails loudly. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined>,
  limits: Limits,
): Promise<T> {
  const end = Date.now() + limits.seconds * 1000;
  let last = "";
  for (;;) {
    limits.signal?.throwIfAborted();
    try {
      const value = await check();
      if (value !== undefined) return value;
    } catch (error) {
      last = error instanceof Error ? `: ${error.message}` : "";
    }
    if (Date.now() > end) throw new Failure(`${what}: not within ${limits.seconds} s${last}`);
    await sleep(limits.everyMs ?? 50);
  }
}
