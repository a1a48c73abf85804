import { z } from "zod";
import { keyOf, type Metadata } from "../../crds/metadata.ts";
import { createIndexes, type Indexed, type Indexers } from "./indexes.ts";
import { mapInTurns } from "./turns.ts";

/** A change of one key: added (no `before`), deleted (no `after`), or another version of the same object. */
export interface Change<T> {
  readonly key: string;
  readonly before?: T;
  readonly after?: T;
}

export interface StoreOptions<T, Name extends string = never> {
  /** What to keep of an object; undefined keeps nothing of it. Throws if the object cannot be read. */
  readonly parse: (raw: unknown) => T | undefined;
  /** Called for an invalid object. It is not kept, and an older version of it is removed. */
  readonly onInvalid: (key: string, error: unknown) => void;
  readonly onChange: (change: Change<T>) => void;
  /** By what else than its key an object is found. */
  readonly indexers?: Indexers<T, Name> | undefined;
}

/** The objects of a collection as last seen, by `namespace/name`. */
export interface Store<T, Name extends string = never> extends Indexed<T, Name> {
  get(key: string): T | undefined;
  values(): IteratorObject<T>;
  /** Parses a listed object, for `replace`. */
  read(raw: unknown): Entry<T> | undefined;
  /**
   * Replaces the collection; objects that are missing were deleted. Thousands of objects take several turns of the event
   * loop. Until the promise resolves, some objects still have their previous state.
   */
  replace(entries: readonly Entry<T>[]): Promise<void>;
  put(raw: unknown): void;
  remove(raw: unknown): void;
}

export interface Entry<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly item: T;
}

const objectIdentitySchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(""),
    uid: z.string().default(""),
    resourceVersion: z.string().default(""),
  }),
});

/** Returns the resourceVersion of an object or bookmark; empty if it has none. */
export function resourceVersionOf(raw: unknown): string {
  const schema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
  return schema.safeParse(raw).data?.metadata.resourceVersion ?? "";
}

/**
 * Keeps objects and reports changes. If an object has the name of another one but a new UID, the store reports a
 * deletion and an addition, even if it missed the deletion itself. It reports the same version only once.
 */
export function createStore<T extends { metadata: Pick<Metadata, "uid"> }, Name extends string = never>(
  options: StoreOptions<T, Name>,
): Store<T, Name> {
  const { parse, onInvalid, onChange } = options;
  const entries = new Map<string, Entry<T>>();
  const indexes = createIndexes(options.indexers);

  function read(raw: unknown): Entry<T> | undefined {
    const identity = objectIdentitySchema.safeParse(raw);
    if (!identity.success) {
      onInvalid("", identity.error);
      return undefined;
    }
    const { uid, resourceVersion } = identity.data.metadata;
    const key = keyOf(identity.data.metadata);
    try {
      const item = parse(raw);
      return item === undefined ? undefined : { key, uid, resourceVersion, item };
    } catch (error) {
      onInvalid(key, error);
      return undefined;
    }
  }

  function drop(key: string) {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    indexes.update(key, entry.item, undefined);
    onChange({ key, before: entry.item });
  }

  function keep(entry: Entry<T>) {
    if (entries.get(entry.key)?.uid !== entry.uid) drop(entry.key);
    const known = entries.get(entry.key);
    if (known?.resourceVersion === entry.resourceVersion) return;
    entries.set(entry.key, entry);
    indexes.update(entry.key, known?.item, entry.item);
    onChange({ key: entry.key, ...(known && { before: known.item }), after: entry.item });
  }

  // The UID does not matter: events of one name arrive in order, so an earlier object with the name is gone as well.
  function dropNamesake(raw: unknown) {
    const metadata = objectIdentitySchema.safeParse(raw).data?.metadata;
    if (metadata) drop(keyOf(metadata));
  }

  return {
    get: (key) => entries.get(key)?.item,
    values: () => entries.values().map(({ item }) => item),
    byIndex: (name, value) => indexes.byIndex(name, value),
    read,
    async replace(next) {
      const keys = new Set(next.map(({ key }) => key));
      const gone = [...entries.keys()].filter((key) => !keys.has(key));
      await mapInTurns(gone, drop);
      await mapInTurns(next, keep);
    },
    put(raw) {
      const entry = read(raw);
      if (entry === undefined) dropNamesake(raw);
      else keep(entry);
    },
    remove: dropNamesake,
  };
}
