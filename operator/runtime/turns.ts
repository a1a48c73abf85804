import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others have their turn: renewing the lease, and what the watches bring. */
const TURN_MS = 10;

/** What `map` makes of each item, in order; between two items it lets the event loop turn where they take long. */
export async function mapInTurns<T, Result>(
  items: readonly T[],
  map: (item: T) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  let began = performance.now();
  for (const item of items) {
    results.push(map(item));
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
  return results;
}
