/** For each index the values under which it has an object (client-go's `cache.Indexers`). */
export type Indexers<T, Name extends string> = Readonly<Record<Name, (item: T) => readonly string[]>>;

/** Objects that an index finds without reading any other. */
export interface Indexed<T, Name extends string> {
  /** The objects that the index has under this value, in the order in which they came. */
  byIndex(name: Name, value: string): readonly T[];
}

export interface Indexes<T, Name extends string> extends Indexed<T, Name> {
  /** Another version of the object of this key: made (no `before`), changed, or gone (no `after`). */
  update(key: string, before: T | undefined, after: T | undefined): void;
}

/** Indexes that are kept up by each change, so that a look-up costs as much as it finds. */
export function createIndexes<T, Name extends string>(
  indexers: Indexers<T, Name> | undefined,
): Indexes<T, Name> {
  const indexes = new Map(
    Object.entries<(item: T) => readonly string[]>(indexers ?? {}).map(
      ([name, valuesOf]) => [name, createIndex(valuesOf)] as const,
    ),
  );
  return {
    byIndex: (name, value) => indexes.get(name)?.get(value) ?? [],
    update(key, before, after) {
      for (const index of indexes.values()) index.update(key, before, after);
    },
  };
}

function createIndex<T>(valuesOf: (item: T) => readonly string[]) {
  const objects = new Map<string, Map<string, T>>();

  function remove(value: string, key: string) {
    const found = objects.get(value);
    found?.delete(key);
    if (found?.size === 0) objects.delete(value);
  }

  function add(value: string, key: string, item: T) {
    const found = objects.get(value);
    if (found) found.set(key, item);
    else objects.set(value, new Map([[key, item]]));
  }

  return {
    get: (value: string): readonly T[] => [...(objects.get(value)?.values() ?? [])],
    update(key: string, before: T | undefined, after: T | undefined) {
      const values = new Set(after === undefined ? [] : valuesOf(after));
      for (const value of before === undefined ? [] : valuesOf(before))
        if (!values.has(value)) remove(value, key);
      if (after !== undefined) for (const value of values) add(value, key, after);
    },
  };
}
