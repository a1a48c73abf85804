import type { PodDemand } from "./podDemand.ts";

/** A run that is due and has not been admitted. */
export interface QueuedRun {
  /** Its test, which has one run at a time. */
  readonly key: string;
  readonly namespace: string;
  /** In milliseconds since 1970: the oldest run of a namespace starts first. */
  readonly since: number;
  /** Whether a user or a gate may wait for it: it is for a new spec, a request or a change, and not for the schedule. */
  readonly isAwaited: boolean;
  /** Undefined until it was planned for the first time. */
  readonly pods?: readonly PodDemand[];
}

/** The runs that are queued, by the keys of their tests. */
export interface QueuedRuns {
  get(key: string): QueuedRun | undefined;
  /** Adds a run, or replaces the one with the same key, which has the same namespace. */
  set(run: QueuedRun): void;
  delete(key: string): boolean;
  /** Removes a run that starts. */
  start(key: string): void;
  /**
   * The run of the namespace that starts next. Awaited runs and those of the schedule take turns, so neither waits for all of the others.
   * Of each the oldest is first, and of equally old ones the one whose key sorts first.
   */
  firstOf(namespace: string): QueuedRun | undefined;
  /** The first run of each namespace, so that a decision on the next runs does not read all that wait behind them. */
  firsts(): QueuedRun[];
  readonly size: number;
}

/** Runs of one namespace, the awaited ones or the others. */
interface Lane {
  readonly runs: Map<string, QueuedRun>;
  /** Undefined if it is unknown: the one before has left. */
  first: QueuedRun | undefined;
}

/** The queued runs of one namespace. */
interface NamespaceRuns {
  readonly awaited: Lane;
  readonly scheduled: Lane;
  /** Whether the last run that started was an awaited one. */
  wasAwaited: boolean;
}

const newLane = (): Lane => ({ runs: new Map(), first: undefined });

export function createQueuedRuns(): QueuedRuns {
  const all = new Map<string, QueuedRun>();
  const namespaces = new Map<string, NamespaceRuns>();

  function nextOf(own: NamespaceRuns): QueuedRun | undefined {
    const [awaited, scheduled] = [knownFirst(own.awaited), knownFirst(own.scheduled)];
    return own.wasAwaited ? (scheduled ?? awaited) : (awaited ?? scheduled);
  }

  function laneOf({ namespace, isAwaited }: QueuedRun): Lane {
    const own = namespaces.get(namespace) ?? { awaited: newLane(), scheduled: newLane(), wasAwaited: false };
    namespaces.set(namespace, own);
    return isAwaited ? own.awaited : own.scheduled;
  }

  function remove(key: string) {
    const run = all.get(key);
    if (!run) return;
    const lane = laneOf(run);
    all.delete(key);
    lane.runs.delete(key);
    if (lane.first?.key === key) lane.first = undefined;
  }

  function forgetEmpty(namespace: string) {
    const own = namespaces.get(namespace);
    if (own?.awaited.runs.size === 0 && own.scheduled.runs.size === 0) namespaces.delete(namespace);
  }

  return {
    get: (key) => all.get(key),
    set(run) {
      remove(run.key);
      all.set(run.key, run);
      const lane = laneOf(run);
      const first = lane.runs.size === 0 ? run : knownFirst(lane);
      lane.runs.set(run.key, run);
      lane.first = first && isBefore(first, run) ? first : run;
    },
    delete(key) {
      const namespace = all.get(key)?.namespace;
      if (namespace === undefined) return false;
      remove(key);
      forgetEmpty(namespace);
      return true;
    },
    start(key) {
      const run = all.get(key);
      const own = run && namespaces.get(run.namespace);
      if (!own) return;
      own.wasAwaited = run.isAwaited;
      remove(key);
      forgetEmpty(run.namespace);
    },
    firstOf(namespace) {
      const own = namespaces.get(namespace);
      return own && nextOf(own);
    },
    firsts: () => [...namespaces.values()].flatMap((own) => nextOf(own) ?? []),
    get size() {
      return all.size;
    },
  };
}

function knownFirst(lane: Lane): QueuedRun | undefined {
  lane.first ??= oldestOf(lane.runs.values());
  return lane.first;
}

const oldestOf = (runs: Iterable<QueuedRun>): QueuedRun | undefined => {
  let oldest: QueuedRun | undefined;
  for (const run of runs) if (!oldest || isBefore(run, oldest)) oldest = run;
  return oldest;
};

/** Whether the run starts before the other one, if both are awaited or neither is: it is older, or as old and its key sorts first. */
export const isBefore = (one: QueuedRun, other: QueuedRun) =>
  one.since < other.since || (one.since === other.since && one.key < other.key);
