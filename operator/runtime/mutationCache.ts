/**
 * Remembers for a moment what this process has just written, because the caches do not show it yet: asking the API
 * server to create it again would be answered "already exists", but each answer is a request.
 */
export interface JustMade<Value> {
  get(key: string): Value | undefined;
  /** When what is remembered under the key is forgotten: look again then, since until then a deletion goes unnoticed. */
  until(key: string): Date | undefined;
  set(key: string, value: Value): void;
}

/** `lifetime` in milliseconds: long enough for a watch event to arrive, short enough to notice a deletion. */
export function createJustMade<Value>({
  lifetime,
  now,
}: {
  lifetime: number;
  now: () => Date;
}): JustMade<Value> {
  const entries = new Map<string, { value: Value; until: number }>();
  function entryOf(key: string) {
    const entry = entries.get(key);
    return entry !== undefined && now().getTime() < entry.until ? entry : undefined;
  }
  return {
    get: (key) => entryOf(key)?.value,
    until(key) {
      const entry = entryOf(key);
      return entry && new Date(entry.until);
    },
    set(key, value) {
      const time = now().getTime();
      for (const [old, { until }] of entries) if (until <= time) entries.delete(old);
      entries.set(key, { value, until: time + lifetime });
    },
  };
}
