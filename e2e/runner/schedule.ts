/** How many files of scenarios run side by side. */
export const WORKERS = 4;

/** Seconds that files took, by their paths in the checkout. */
export type Durations = Readonly<Record<string, number>>;

/**
 * The same files, the longest first, so that none of them runs on alone when all others have ended. A file of unknown
 * duration begins before all others, since it may be the longest; files that take equally long keep their order.
 */
export function longestFirst<T>(
  files: readonly T[],
  { pathOf, durations }: { readonly pathOf: (file: T) => string; readonly durations: Durations },
): T[] {
  const secondsOf = (file: T) => durations[pathOf(file)] ?? Number.MAX_VALUE;
  return files.toSorted((one, other) => secondsOf(other) - secondsOf(one));
}

/** After how many seconds the last of the files has ended, where each of them begins as soon as a worker is free. */
export function makespan(durations: readonly number[], workers: number): number {
  const busyUntil = Array.from({ length: workers }, () => 0);
  for (const seconds of durations) {
    const free = busyUntil.indexOf(Math.min(...busyUntil));
    busyUntil[free] = (busyUntil[free] ?? 0) + seconds;
  }
  return Math.max(...busyUntil);
}

/** The order by recorded durations may cost so much more than the order by measured ones. */
const TOLERATED = 1.05;

/**
 * Whether the recorded durations are to be replaced by the measured ones: they name other files, or their order has become
 * a bad one. That a machine is faster or slower as a whole changes nothing.
 */
export function isOutdated(recorded: Durations, measured: Durations): boolean {
  const files = Object.keys(measured);
  if (files.length !== Object.keys(recorded).length || files.some((file) => recorded[file] === undefined))
    return true;
  const lastBy = (durations: Durations) => {
    const order = longestFirst(files, { pathOf: (file) => file, durations });
    return makespan(
      order.map((file) => measured[file] ?? 0),
      WORKERS,
    );
  };
  return lastBy(recorded) > TOLERATED * lastBy(measured);
}
