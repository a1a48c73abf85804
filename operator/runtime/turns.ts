import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others have their turn: renewing the lease, and what the watches bring. */
const TURN_MS = 10;

/** Lets the event loop turn: what comes before and what comes after are two pieces of work. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}

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
    await nextTurn();
    began = performance.now();
  }
  return results;
}
