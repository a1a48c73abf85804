import type { Log } from "./log.ts";

/** What an answer of the API server says of its clock. */
export interface DatedAnswer {
  /** Its `Date` header, in whole seconds (RFC 9110, 6.6.1). */
  readonly date: string;
  /** When it was asked for and when it arrived, in milliseconds of this process's monotonic clock. */
  readonly asked: number;
  readonly answered: number;
}

/**
 * The API server's clock. What it stamps (`creationTimestamp`) may be compared with this clock alone: that of the operator's
 * node may differ by any amount.
 */
export interface ServerClock {
  /** The present time, off by a second and the duration of a call at most; by this machine's clock before the first answer. */
  readonly now: () => Date;
  readonly learn: (answer: DatedAnswer) => void;
}

export interface ServerClockOptions {
  readonly log: Pick<Log, "warn">;
  /** In milliseconds; it never goes back. */
  readonly monotonic?: () => number;
  /** In milliseconds since the epoch. */
  readonly wallClock?: () => number;
}

/** A difference from this machine's clock is worth a line in the log above it, and another one if it has changed by as much; in milliseconds. */
const NOTEWORTHY = 2_000;

/**
 * Cristian's algorithm, with bounds: the API server wrote the date between the request and the answer, so its clock lies in an
 * interval. An estimate within the interval stays as it is, one outside moves to the nearer end. So clocks that agree are never
 * corrected, and a slow call corrects little.
 */
export function createServerClock({
  log,
  monotonic = () => performance.now(),
  wallClock = Date.now,
}: ServerClockOptions): ServerClock {
  /** The API server's time when the monotonic clock was zero. */
  let zero = wallClock() - monotonic();
  let logged = 0;

  function logDifference() {
    const ahead = wallClock() - (zero + monotonic());
    if (Math.abs(ahead - logged) <= NOTEWORTHY) return;
    logged = ahead;
    log.warn("the clock of this node differs from the API server's, by which everything is timed", {
      aheadSeconds: Math.round(ahead / 1_000),
    });
  }

  return {
    now: () => new Date(zero + monotonic()),
    learn({ date, asked, answered }) {
      const second = Date.parse(date);
      if (Number.isNaN(second)) return;
      const [earliest, latest] = [second - answered, second + 1_000 - asked];
      zero = Math.min(Math.max(zero, earliest), latest);
      logDifference();
    },
  };
}
