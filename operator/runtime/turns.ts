import { setImmediate } from "node:timers";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds of work after which others have their turn: renewing the lease, and what the watches bring. */
const TURN_MS = 10;

/** Since when this turn of the event loop, of which a process has one, has been at such work; undefined: it has not been. */
let began: number | undefined;

function isSpent(): boolean {
  if (began === undefined) {
    began = performance.now();
    setImmediate(() => {
      began = undefined;
    });
  }
  return performance.now() - began >= TURN_MS;
}

/** Does a piece of work in a turn of the event loop that others have not spent already. */
export async function inTurn<Result>(work: () => Result): Promise<Result> {
  while (isSpent()) await nextTurn();
  return work();
}

/**
 * What `map` makes of each item, in order. Where that takes long it goes on in another turn of the event loop, one item a turn
 * at least, however many such lists there are at once.
 */
export async function mapInTurns<T, Result>(
  items: readonly T[],
  map: (item: T) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    while (isSpent()) await nextTurn();
    results.push(map(item));
  }
  return results;
}
