import type { Metadata } from "../../crds/metadata.ts";
import type { Api, Query, WatchEvent } from "./api.ts";
import { ApiError } from "./apiError.ts";
import { type Backoff, backoffDelay } from "./backoff.ts";
import { type Clock, realClock } from "./clock.ts";
import type { Indexed, Indexers } from "./indexes.ts";
import { errorFields, type Log } from "./log.ts";
import { type Change, createStore, type Entry, resourceVersionOf } from "./store.ts";
import { mapInTurns } from "./turns.ts";

const RELIST_BACKOFF: Backoff = { base: 1_000, cap: 30_000 };
/** A watch that ends sooner counts as a failure, so that the reflector does not send requests in a tight loop. */
const SHORT_WATCH_MS = 5_000;
/** Codes of an API server, or of a proxy before it, that is overloaded or away: the version of a watch is as good as before. */
const BUSY_CODES: ReadonlySet<number> = new Set([302, 429, 502, 503]);
/** A random range, so that the watches of many clients do not end together (as in client-go). */
const WATCH_SECONDS = { least: 290, most: 570 };

export interface ReflectorOptions<T, Name extends string = never> {
  readonly api: Pick<Api, "pages" | "watch">;
  readonly path: string;
  readonly query?: Query;
  /** Whether the objects are read without anything besides their metadata. Default: all of them is read. */
  readonly metadataOnly?: boolean;
  /** Returns the part of an object to keep (all of it stays in memory); undefined drops the object. */
  readonly parse: (raw: unknown) => T | undefined;
  /** By what else than its key an object is found. */
  readonly indexers?: Indexers<T, Name>;
  /** Called after the change can be seen in the store. What it throws is logged. */
  readonly onChange: (change: Change<T>) => void;
  /** Called for an object that `parse` throws for; the object is not kept. Default: logs a warning. */
  readonly onInvalid?: (key: string, error: unknown) => void;
  /** A list or a watch has failed; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
  readonly log: Log;
  readonly clock?: Clock;
  /** Milliseconds without data until a watch counts as broken. */
  readonly inactivity?: number;
}

/** A local copy of a collection of the cluster. */
export interface Reflector<T, Name extends string = never> extends Indexed<T, Name> {
  start(): void;
  /** Aborts the requests in progress; no change is reported afterwards. */
  stop(): void;
  /** Resolves when all changes of the first complete list have been reported; never if stopped before. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Why the last list or watch has failed; undefined as soon as a list has succeeded since. */
  readonly failure: unknown;
  /** By `namespace/name`. */
  get(key: string): T | undefined;
  values(): IteratorObject<T>;
}

/**
 * Lists and watches a collection until stopped; no error ends it. If the server rejects a request (410 or nearly any other
 * error), the reflector lists again. If a connection breaks, or the server is busy, it continues from the last known
 * version. Both use growing delays with jitter, and wait as long as the server asks for, up to the longest delay.
 */
export function createReflector<T extends { metadata: Pick<Metadata, "uid"> }, Name extends string = never>(
  options: ReflectorOptions<T, Name>,
): Reflector<T, Name> {
  const { api, path, query = {}, metadataOnly, log, clock = realClock, inactivity } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;
  let failure: unknown;
  let resourceVersion = "";
  let retryAfter = 0;

  function tell(change: Change<T>) {
    if (signal.aborted) return;
    try {
      options.onChange(change);
    } catch (error) {
      log.error("a change could not be handled", { path, key: change.key, ...errorFields(error) });
    }
  }

  const store = createStore<T, Name>({
    parse: options.parse,
    indexers: options.indexers,
    onInvalid:
      options.onInvalid ??
      ((key, error) => log.warn("an object cannot be read", { path, key, ...errorFields(error) })),
    onChange: tell,
  });

  async function list() {
    const entries: Entry<T>[] = [];
    let version = "";
    for await (const page of api.pages(path, query, { signal, metadataOnly })) {
      entries.push(...(await mapInTurns(page.items, (raw) => store.read(raw) ?? [])).flat());
      version = page.resourceVersion;
    }
    await store.replace(entries);
    resourceVersion = version;
    failure = undefined;
    hasSynced = true;
    synced.resolve();
  }

  function receive({ type, object }: WatchEvent) {
    resourceVersion = resourceVersionOf(object) || resourceVersion;
    if (type === "ADDED" || type === "MODIFIED") store.put(object);
    else if (type === "DELETED") store.remove(object);
  }

  function watch() {
    const { least, most } = WATCH_SECONDS;
    const timeoutSeconds = String(Math.floor(least + clock.random() * (most - least)));
    const watchQuery = { ...query, resourceVersion, timeoutSeconds, allowWatchBookmarks: "true" };
    return api.watch(path, watchQuery, { signal, onEvent: receive, inactivity, metadataOnly });
  }

  function reject(error: ApiError) {
    if (!BUSY_CODES.has(error.code)) resourceVersion = "";
    retryAfter = Math.min((error.retryAfter ?? 0) * 1_000, RELIST_BACKOFF.cap);
  }

  /** Runs one list, if necessary, and one watch. Returns whether the watch lasted for a while. */
  async function follow(): Promise<boolean> {
    let watchedSince = Number.POSITIVE_INFINITY;
    try {
      if (resourceVersion === "") await list();
      watchedSince = clock.now();
      await watch();
    } catch (error) {
      if (error instanceof ApiError) reject(error);
      if (signal.aborted) return false;
      failure = error;
      log.warn("a watch has broken", { path, ...errorFields(error) });
      options.onFailure?.(error);
    }
    return clock.now() - watchedSince >= SHORT_WATCH_MS;
  }

  async function run() {
    let failures = 0;
    while (!signal.aborted) {
      retryAfter = 0;
      failures = (await follow()) ? 0 : failures + 1;
      const delay = Math.max(retryAfter, backoffDelay(RELIST_BACKOFF, failures, clock.random));
      await clock.sleep(delay, signal).catch(() => {});
    }
  }

  return {
    start: () => void run(),
    stop: () => stopped.abort(),
    synced: synced.promise,
    get hasSynced() {
      return hasSynced;
    },
    get failure() {
      return failure;
    },
    get: (key) => store.get(key),
    values: () => store.values(),
    byIndex: (name, value) => store.byIndex(name, value),
  };
}
