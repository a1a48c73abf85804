import { setImmediate } from "node:timers/promises";
import { median } from "./median.ts";

/**
 * Milliseconds of CPU that this thread has used. What else runs on the machine is not in it, but the kernel may book it some
 * milliseconds late: work of 2 ms has been seen as anything from 0 to 5. So what is measured must take much longer.
 */
function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** How long one sample takes at least, in milliseconds: the error of `now` is a few percent of it. */
const SAMPLE_MS = 200;
const SAMPLES = 5;

/** Milliseconds of CPU of one call: the median of five samples, each the mean of as many calls as fit into one. */
export function timeOf(work: () => unknown, samples = SAMPLES): number {
  return median(
    Array.from({ length: samples }, () => {
      const [began, end] = [now(), performance.now() + SAMPLE_MS];
      let calls = 0;
      do {
        work();
        calls += 1;
      } while (performance.now() < end);
      return (now() - began) / calls;
    }),
  );
}

/** Milliseconds of CPU of one item: the median of five samples, each the mean of whole rounds through all items. */
export async function timePerItem<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<number> {
  const means: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const [began, end] = [now(), performance.now() + SAMPLE_MS];
    let done = 0;
    do {
      for (const item of items) await work(item);
      done += items.length;
    } while (performance.now() < end);
    means.push((now() - began) / done);
  }
  return median(means);
}

/**
 * The longest that nothing else could run, in milliseconds of CPU: between two turns of the event loop until the work ends. The
 * median of three times; a turn cannot be repeated, so this is right to some milliseconds.
 */
export async function longestTurn(work: () => Promise<unknown>, times = 3): Promise<number> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) found.push(await longestOf(work));
  return median(found);
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
