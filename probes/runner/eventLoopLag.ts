/** The event loop lag of the runner: with too little CPU, the runner itself may have caused a silence. */
export interface EventLoopLag {
  /** True if the event loop was more than 300 ms late once since that time (of the same clock). */
  readonly laggedSince: (instant: number) => boolean;
  readonly stop: () => void;
}

const TICK = 50;
/** An event loop lag above this, in milliseconds, means too little CPU. */
export const MAX_LAG = 300;

/** Measures the event loop lag by a timer that should fire every 50 ms. `now` is monotonic, in milliseconds. */
export function watchEventLoopLag(now: () => number): EventLoopLag {
  let lastTick = now();
  let lastLate = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (now() - lastTick - TICK > MAX_LAG) lastLate = now();
  };
  const timer = setInterval(() => {
    look();
    lastTick = now();
  }, TICK);
  return {
    laggedSince: (instant) => {
      // The end of an attempt may be handled before the overdue timer.
      look();
      return lastLate >= instant;
    },
    stop: () => clearInterval(timer),
  };
}
