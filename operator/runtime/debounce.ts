/** How long changes are collected, in milliseconds: one kubectl command that labels several pods takes less. */
const DEBOUNCE_MS = 2_000;

export interface Debounce {
  /** Handles the key two seconds after the first of the calls that wait: all calls until then count as one. */
  add(key: string): void;
  /** Drops the keys that wait. */
  stop(): void;
}

/** Collects keys, so that many changes at about the same time are handled once. */
export function createDebounce(handle: (key: string) => void): Debounce {
  const keys = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function flush() {
    timer = undefined;
    const waiting = [...keys];
    keys.clear();
    for (const key of waiting) handle(key);
  }

  return {
    add(key) {
      keys.add(key);
      timer ??= setTimeout(flush, DEBOUNCE_MS);
    },
    stop() {
      clearTimeout(timer);
      keys.clear();
    },
  };
}
