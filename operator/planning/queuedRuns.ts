import type { PodDemand } from "./podDemand.ts";

/** A run that is due and has not been admitted. */
export interface QueuedRun {
  /** Its test, which has one run at a time. */
  readonly key: string;
  readonly namespace: string;
  /** In milliseconds since 1970: the oldest run of a namespace starts first. */
  readonly since: number;
  /** Undefined until it was planned for the first time. */
  readonly pods?: readonly PodDemand[];
}

/** The runs that are queued, by the keys of their tests. */
export interface QueuedRuns {
  get(key: string): QueuedRun | undefined;
  /** Adds a run, or replaces the one with the same key, which has the same namespace. */
  set(run: QueuedRun): void;
  delete(key: string): boolean;
  /** The run of the namespace that starts first: the oldest, and of equally old ones the one whose key sorts first. */
  firstOf(namespace: string): QueuedRun | undefined;
  /** The first run of each namespace, so that a decision on the next runs does not read all that wait behind them. */
  firsts(): QueuedRun[];
  readonly size: number;
}

/** The queued runs of one namespace. */
interface NamespaceRuns {
  readonly runs: Map<string, QueuedRun>;
  /** Undefined if it is unknown: the one before has left. */
  first: QueuedRun | undefined;
}

export function createQueuedRuns(): QueuedRuns {
  const all = new Map<string, QueuedRun>();
  const namespaces = new Map<string, NamespaceRuns>();

  function knownFirst(own: NamespaceRuns): QueuedRun | undefined {
    own.first ??= oldestOf(own.runs.values());
    return own.first;
  }

  function remove(key: string): boolean {
    const run = all.get(key);
    const own = run && namespaces.get(run.namespace);
    if (!own) return false;
    all.delete(key);
    own.runs.delete(key);
    if (own.first?.key === key) own.first = undefined;
    if (own.runs.size === 0) namespaces.delete(run.namespace);
    return true;
  }

  return {
    get: (key) => all.get(key),
    set(run) {
      remove(run.key);
      all.set(run.key, run);
      const own = namespaces.get(run.namespace) ?? { runs: new Map(), first: undefined };
      namespaces.set(run.namespace, own);
      const first = own.runs.size === 0 ? run : knownFirst(own);
      own.runs.set(run.key, run);
      own.first = first && isBefore(first, run) ? first : run;
    },
    delete: remove,
    firstOf(namespace) {
      const own = namespaces.get(namespace);
      return own && knownFirst(own);
    },
    firsts: () => [...namespaces.values()].flatMap((own) => knownFirst(own) ?? []),
    get size() {
      return all.size;
    },
  };
}

const oldestOf = (runs: Iterable<QueuedRun>): QueuedRun | undefined => {
  let oldest: QueuedRun | undefined;
  for (const run of runs) if (!oldest || isBefore(run, oldest)) oldest = run;
  return oldest;
};

/** Whether the run starts before the other of its namespace: it is older, or as old and its key sorts first. */
export const isBefore = (one: QueuedRun, other: QueuedRun) =>
  one.since < other.since || (one.since === other.since && one.key < other.key);
