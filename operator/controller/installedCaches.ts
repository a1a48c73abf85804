import type { Discovery } from "../cluster/policies/discovery.ts";
import type { InstallableKind } from "../cluster/policies/kinds.ts";
import { type ApiError, isForbidden } from "../runtime/apiError.ts";
import { type Clock, realClock } from "../runtime/clock.ts";
import { errorFields, type Log } from "../runtime/log.ts";
import type { Reflector } from "../runtime/reflector.ts";

export interface InstalledCachesOptions<T, Name extends string> {
  readonly log: Log;
  /** What is cached, for a log: `policies`. */
  readonly what: string;
  readonly installed: Discovery<InstallableKind>;
  /** Creates the cache of one kind, by the path of its collection. It calls `onFailure` as a reflector does. */
  readonly reflectorOf: (path: string, onFailure: (error: unknown) => void) => Reflector<T, Name>;
  /** Called for each object of a kind that is uninstalled, when it is no longer in the caches. */
  readonly onForgotten: (object: T) => void;
  readonly clock?: Clock | undefined;
}

/** The caches of several kinds, as if they were one. */
export interface InstalledCaches<T, Name extends string> extends Pick<
  Reflector<T, Name>,
  "start" | "stop" | "synced" | "hasSynced" | "byIndex"
> {
  /** The error of the API server, if the operator may not list or watch one of the kinds. */
  readonly missingRight: ApiError | undefined;
}

/** How long a kind may be installed until it is watched, in milliseconds. */
const DISCOVERY_INTERVAL = 15_000;
/** How soon the API server is asked again that has not answered, in milliseconds. */
const DISCOVERY_RETRY = 5_000;

/** The watch of one kind. */
interface Watch<T, Name extends string> {
  readonly reflector: Reflector<T, Name>;
  /** Resolves when its objects are complete, and when they cannot be: the operator may not list them, or the kind is gone. */
  readonly settled: Promise<unknown>;
  readonly giveUp: () => void;
}

/**
 * Caches the objects of every installed kind. A kind that is installed later is watched from then on: its objects appear, as if
 * they had been created. Those of a kind that is uninstalled disappear, as if they had been deleted. `synced` resolves when
 * the kinds that were installed at the start are complete, except those that the operator may not list: the tests that depend
 * on them report the missing right, so the operator has to start.
 */
export function createInstalledCaches<T, Name extends string>(
  options: InstalledCachesOptions<T, Name>,
): InstalledCaches<T, Name> {
  const { log, what, installed, reflectorOf, onForgotten, clock = realClock } = options;
  const watches = new Map<string, Watch<T, Name>>();
  const stopped = new AbortController();
  const { signal } = stopped;
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;

  function watchKind(path: string) {
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
    const reflector = reflectorOf(path, (error) => {
      if (isForbidden(error)) giveUp();
    });
    watches.set(path, { reflector, settled: Promise.race([reflector.synced, givenUp]), giveUp });
    reflector.start();
  }

  function forgetKind(path: string, { reflector, giveUp }: Watch<T, Name>) {
    watches.delete(path);
    reflector.stop();
    giveUp();
    for (const object of reflector.values()) onForgotten(object);
  }

  async function completeSync() {
    await Promise.all([...watches.values()].map((watch) => watch.settled));
    hasSynced = true;
    synced.resolve();
  }

  /** Returns in how many milliseconds to list them again. */
  async function lookForKinds(): Promise<number> {
    try {
      const served = new Set((await installed()).map(({ api, plural }) => `${api}/${plural}`));
      if (signal.aborted) return DISCOVERY_INTERVAL;
      for (const [path, watch] of watches) if (!served.has(path)) forgetKind(path, watch);
      for (const path of served) if (!watches.has(path)) watchKind(path);
      void completeSync();
      return DISCOVERY_INTERVAL;
    } catch (error) {
      log.warn(`the installed kinds of ${what} could not be looked up`, errorFields(error));
      return DISCOVERY_RETRY;
    }
  }

  async function run() {
    while (!signal.aborted) await clock.sleep(await lookForKinds(), signal);
  }

  return {
    start: () => void run().catch(() => {}),
    stop() {
      stopped.abort();
      for (const { reflector } of watches.values()) reflector.stop();
    },
    synced: synced.promise,
    get hasSynced() {
      return hasSynced;
    },
    get missingRight() {
      return [...watches.values()].map(({ reflector }) => reflector.failure).find(isForbidden);
    },
    byIndex: (name, value) =>
      [...watches.values()].flatMap(({ reflector }) => reflector.byIndex(name, value)),
  };
}
