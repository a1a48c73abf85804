import { HttpError } from "./httpError.ts";

const WINDOW_MS = 60_000;

/** Counts a request of a key. Returns undefined if it is within the limit, and else after how many seconds the next one is. */
export type RateLimit = (key: string) => number | undefined;

/** Allows so many requests of each key in each minute, by monotonic milliseconds. The counts of one minute are in memory alone. */
export function createRateLimit(perMinute: number, now: () => number): RateLimit {
  let began = now();
  const counts = new Map<string, number>();
  return (key) => {
    if (now() - began >= WINDOW_MS) {
      began = now();
      counts.clear();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= perMinute ? undefined : Math.ceil((began + WINDOW_MS - now()) / 1_000);
  };
}

/** Counts a request of a key, by a caller in words. Throws HttpError if it is above the limit. */
export function requireRate(rate: RateLimit, key: string, who: string): void {
  const seconds = rate(key);
  if (seconds === undefined) return;
  throw new HttpError(
    "TooManyRequests",
    `${who}: too many requests in this minute. Ask again after ${seconds} s.`,
    { "retry-after": String(seconds) },
  );
}
