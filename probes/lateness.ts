/** Whether the runner itself was kept from running: then silence may be its own. */
export interface Lateness {
  /** True if since that instant (of the same clock) the event loop once was more than 300 ms late. */
  readonly wasLateSince: (instant: number) => boolean;
  readonly stop: () => void;
}

const TICK = 50;
/** What is later than this, in milliseconds, was starved of CPU. */
export const LATE = 300;

/** Watches the event loop by a timer that ought to fire every 50 ms. `now` is monotonic, in milliseconds. */
export function watchLateness(now: () => number): Lateness {
  let lastTick = now();
  let lastLate = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (now() - lastTick - TICK > LATE) lastLate = now();
  };
  const timer = setInterval(() => {
    look();
    lastTick = now();
  }, TICK);
  return {
    wasLateSince: (instant) => {
      // The end of an attempt may be handled before the timer that is overdue as well.
      look();
      return lastLate >= instant;
    },
    stop: () => clearInterval(timer),
  };
}
