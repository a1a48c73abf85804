/**
 * The delays after failures, in milliseconds: `base` after the first, doubled for each further one, at most `cap`.
 */
export interface Backoff {
  readonly base: number;
  readonly cap: number;
}

/**
 * Returns the delay after a number of failures in a row (none: 0). It is reduced at random by up to a half, so that
 * clients that failed together do not retry together. `random` is in [0, 1).
 */
export function backoffDelay({ base, cap }: Backoff, failures: number, random: () => number): number {
  if (failures < 1) return 0;
  const full = Math.min(cap, base * 2 ** Math.min(failures - 1, 32));
  return full * (1 - random() / 2);
}
