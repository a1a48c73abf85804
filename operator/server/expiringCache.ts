interface ExpiringCacheOptions<Value> {
  /** How many milliseconds a value counts. */
  readonly lifetime: (value: Value) => number;
  /** The maximum number of values; the oldest one is dropped. */
  readonly limit: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface ExpiringCache<Value> {
  /** Returns the value of a key, and reads it if it is unknown or too old. A read that fails is not kept. */
  get(key: string, read: () => Promise<Value>): Promise<Value>;
}

/** Keeps answers for a short time. Callers that ask for the same key at the same time share one read. */
export function createExpiringCache<Value>({
  lifetime,
  limit,
  now,
}: ExpiringCacheOptions<Value>): ExpiringCache<Value> {
  const entries = new Map<string, { readonly value: Promise<Value>; until: number }>();

  async function readInto(key: string, read: () => Promise<Value>): Promise<Value> {
    try {
      const value = await read();
      const entry = entries.get(key);
      if (entry) entry.until = now() + lifetime(value);
      return value;
    } catch (error) {
      entries.delete(key);
      throw error;
    }
  }

  return {
    get(key, read) {
      const known = entries.get(key);
      if (known && now() < known.until) return known.value;
      entries.delete(key);
      const value = readInto(key, read);
      entries.set(key, { value, until: Number.POSITIVE_INFINITY });
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
      return value;
    },
  };
}
