/** Time and chance, to be replaced in tests. */
export interface Clock {
  /** Milliseconds that never go back, whatever happens to the wall clock. */
  readonly now: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal));
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, milliseconds);
      const onAbort = () => {
        clearTimeout(timer);
        reject(abortReason(signal));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  random: Math.random,
};

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("aborted");
}

/** An instant as Kubernetes' MicroTime: the API server refuses any other number of digits than six. */
export function microTime(date: Date): string {
  return date.toISOString().replace("Z", "000Z");
}

/** The earliest of the times that there are. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .flatMap((time) => (time ? [time] : []))
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}

/** So many milliseconds after an instant. */
export function later(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
