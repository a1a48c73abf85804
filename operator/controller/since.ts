/** Since when states last, by key. The times are not stored: after a restart of the operator they begin again. */
export interface Since {
  /** A state has begun, goes on, or has ended. */
  set(key: string, lasts: boolean): void;
  /** Undefined if the state does not last. */
  get(key: string): Date | undefined;
}

/** Remembers since when states last. */
export function createSince(now: () => Date): Since {
  const times = new Map<string, Date>();
  return {
    set(key, lasts) {
      if (!lasts) times.delete(key);
      else if (!times.has(key)) times.set(key, now());
    },
    get: (key) => times.get(key),
  };
}
