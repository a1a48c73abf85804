import { setImmediate } from "node:timers/promises";

/** Milliseconds of CPU that this thread has used. What else runs on the machine does not count. */
function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/**
 * Milliseconds of CPU of one call: the least of so many samples, each the mean of so many calls. What others do on the same core
 * and code that is not compiled yet can only add to it.
 */
export function timeOf(
  work: () => unknown,
  { calls = 1, samples = 7 }: { calls?: number; samples?: number } = {},
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample += 1) {
    const began = now();
    for (let call = 0; call < calls; call += 1) work();
    least = Math.min(least, (now() - began) / calls);
  }
  return least;
}

/** Milliseconds of CPU of one item: the least of three rounds through all items, one after the other. */
export async function timePerItem<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const began = now();
    for (const item of items) await work(item);
    least = Math.min(least, (now() - began) / items.length);
  }
  return least;
}

/**
 * The longest that nothing else could run, in milliseconds of CPU: between two turns of the event loop until the work ends, in
 * the best of so many times.
 */
export async function longestTurn(work: () => Promise<unknown>, times = 5): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) best = Math.min(best, await longestOf(work));
  return best;
}

async function longestOf(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  const ended = new AbortController();
  async function watchTurns() {
    let last = now();
    while (!ended.signal.aborted) {
      await setImmediate();
      const time = now();
      longest = Math.max(longest, time - last);
      last = time;
    }
  }
  const watching = watchTurns();
  await work();
  ended.abort();
  await watching;
  return longest;
}
