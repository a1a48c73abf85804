import type { Metadata } from "../../crds/metadata.ts";
import { later } from "./clock.ts";

/** How long a cache may take to show what was written, in milliseconds. */
const CACHE_LAG = 5_000;

/** An object of the cluster, as far as two versions of it are compared. */
interface Versioned {
  readonly metadata: Pick<Metadata, "uid" | "resourceVersion">;
}

/**
 * What this process has just written, by key, over a cache that may not show it yet (client-go's MutationCache). A write is
 * remembered until the cache has caught up with it, and for five seconds at most.
 */
export interface MutationCache<T extends Versioned> {
  /**
   * The newer of what the cache shows under a key and what was written there. Undefined: there is neither, or the cache has
   * shown what was written and does so no more, since it was deleted.
   */
  newest(key: string, cached: T | undefined): T | undefined;
  /** When a write that the cache has never shown is forgotten: only then a deletion that it missed as well is noticed. */
  hiddenUntil(key: string): Date | undefined;
  /** Remembers a write, and what the cache shows when it is made. */
  set(key: string, written: T, cached?: T): void;
  delete(key: string): void;
}

interface CachedWrite<T> {
  readonly written: T;
  readonly until: Date;
  isShown: boolean;
}

export function createMutationCache<T extends Versioned>({
  now,
}: {
  readonly now: () => Date;
}): MutationCache<T> {
  const entries = new Map<string, CachedWrite<T>>();

  function forgetOld() {
    const time = now();
    for (const [key, { until }] of entries) if (until <= time) entries.delete(key);
  }

  return {
    newest(key, cached) {
      forgetOld();
      const entry = entries.get(key);
      if (!entry) return cached;
      const { written, isShown } = entry;
      if (cached === undefined ? !isShown : isNewer(written, cached)) {
        entry.isShown ||= cached?.metadata.uid === written.metadata.uid;
        return written;
      }
      entries.delete(key);
      return cached;
    },
    hiddenUntil(key) {
      forgetOld();
      const entry = entries.get(key);
      return entry?.isShown === false ? entry.until : undefined;
    },
    set(key, written, cached) {
      const { uid } = written.metadata;
      const known = entries.get(key);
      const isShown =
        uid === cached?.metadata.uid || (known?.isShown === true && uid === known.written.metadata.uid);
      entries.set(key, { written, until: later(now(), CACHE_LAG), isShown });
    },
    delete: (key) => void entries.delete(key),
  };
}

/**
 * Whether a write is newer than what a cache shows, by resource version: they grow within one resource, across all its objects
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). Where they cannot be compared, another
 * version of the same object is the older one, and another object the newer one.
 */
function isNewer(written: Versioned, cached: Versioned): boolean {
  const [mine, shown] = [written, cached].map(({ metadata }) =>
    Number.parseInt(metadata.resourceVersion, 10),
  );
  const difference = (mine ?? Number.NaN) - (shown ?? Number.NaN);
  return Number.isNaN(difference) ? written.metadata.uid === cached.metadata.uid : difference > 0;
}
