/** One piece of a preparation, with its share of the whole. */
export interface Share {
  /** What it takes from nothing on two quiet cores, as measured. */
  readonly seconds: number;
}

/** How far a preparation is. */
export interface Position {
  /** The steps that this process has finished, each with the seconds that it took. */
  readonly finished: readonly (Share & { readonly took: number })[];
  readonly running: Share & {
    /** Seconds since this process began with it. */
    readonly elapsed: number;
    /** The part (0 to 1) that was done before an interruption. */
    readonly done: number;
    /** The part that this process has done, where that can be seen. */
    readonly seen?: number;
  };
  readonly ahead: readonly Share[];
}

/** This machine's own speed counts as much as the measured one after so many seconds of work. */
const TRUST_AFTER_SECONDS = 60;

/**
 * How many seconds are left: what is not done yet, times how much slower (or quicker) than measured this machine was so
 * far. A step of which nothing can be seen takes its measured time, corrected likewise.
 */
export function secondsLeft({ finished, running, ahead }: Position): number {
  const { seconds, elapsed, done, seen } = running;
  const own = seconds * (1 - done);
  const behind = sumOf(finished, (step) => step.seconds) + (seen ?? 0) * seconds;
  const took = sumOf(finished, (step) => step.took) + (seen === undefined ? 0 : elapsed);
  const slowness = (TRUST_AFTER_SECONDS + took) / (TRUST_AFTER_SECONDS + behind);
  const rest =
    seen === undefined ? Math.max(own * slowness - elapsed, 0) : Math.max(own - seen * seconds, 0) * slowness;
  return rest + sumOf(ahead, (share) => share.seconds) * slowness;
}

/** `about 6 min left`, `about 40 s left`, `nearly done`. */
export function timeLeft(seconds: number): string {
  if (seconds < 8) return "nearly done";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  return `about ${Math.max(Math.round(seconds / 60), 1)} min left`;
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
