import pLimit from "p-limit";
import { type Backoff, backoffDelay } from "./backoff.ts";

/** Timers are limited to 24.8 days; a key that wakes up early is reconciled and requeued. */
const LONGEST_DELAY_MS = 24 * 3_600_000;

/** Monotonic milliseconds, independent of the wall clock. */
const monotonicNow = () => performance.now();

/** Of one reconcile, in seconds. */
export interface ReconcileTimes {
  /** From when it was due to its start. */
  readonly queuedSeconds: number;
  readonly seconds: number;
}

export interface WorkQueueOptions {
  /** Handles a key; `requeueAfter` (milliseconds) requeues it. After an error the key is retried with backoff. */
  readonly reconcile: (key: string) => Promise<{ readonly requeueAfter?: number } | void>;
  /** The number of keys that run concurrently. */
  readonly concurrency: number;
  readonly backoff: Backoff;
  readonly onError: (key: string, error: unknown) => void;
  /** Called after each reconcile, with or without an error. */
  readonly onReconciled?: (times: ReconcileTimes) => void;
  /** In [0, 1), for jitter. */
  readonly random?: () => number;
}

/** A work queue of keys. It has no tasks: the handler of a key decides what to do. */
export interface WorkQueue {
  /** Runs the key as soon as there is capacity, always after this call. */
  add(key: string): void;
  /** The number of keys that wait for capacity. */
  readonly depth: number;
  /** Milliseconds since the longest running key started; 0 if none runs. */
  readonly longestRun: number;
  /** Resolves when no key runs or waits for capacity; keys with a delay do not count. */
  idle(): Promise<void>;
  /** Accepts and starts no more keys; resolves when the running keys have ended. */
  stop(): Promise<void>;
}

/** The state of a key that is not idle: it waits for a time, waits for capacity, or runs. */
interface QueuedKey {
  state: "delayed" | "queued" | "running";
  failures: number;
  /** The next time to run, requested while the key runs. */
  wakeAt: number;
  /** Since when it waits for capacity. */
  queuedAt: number;
  startedAt: number;
  timer?: NodeJS.Timeout;
}

const newKey = (): QueuedKey => ({
  state: "delayed",
  failures: 0,
  wakeAt: Infinity,
  queuedAt: 0,
  startedAt: 0,
});

/**
 * A key never runs twice at the same time; if it is added while it runs, it runs again afterwards. Each key has its
 * own backoff after errors, until a run succeeds. A key that waits for nothing is removed.
 */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { reconcile, backoff, onError, onReconciled = () => {}, random = Math.random } = options;
  const limit = pLimit(options.concurrency);
  const entries = new Map<string, QueuedKey>();
  const resting: (() => void)[] = [];
  let stopped = false;

  const inState = (state: QueuedKey["state"]) =>
    [...entries.values()].filter((entry) => entry.state === state);

  function add(key: string) {
    if (stopped) return;
    const entry = entries.get(key) ?? newKey();
    entries.set(key, entry);
    if (entry.state === "queued") return;
    entry.wakeAt = monotonicNow();
    if (entry.state === "delayed") schedule(key, entry);
  }

  /** Delays a key that does not run. */
  function schedule(key: string, entry: QueuedKey) {
    clearTimeout(entry.timer);
    const delay = entry.wakeAt - monotonicNow();
    if (delay <= 0) return enqueue(key, entry);
    entry.state = "delayed";
    entry.timer = setTimeout(() => enqueue(key, entry), Math.min(delay, LONGEST_DELAY_MS));
  }

  function enqueue(key: string, entry: QueuedKey) {
    Object.assign(entry, { state: "queued", queuedAt: monotonicNow() });
    void limit(() => run(key, entry));
  }

  async function run(key: string, entry: QueuedKey) {
    if (stopped) return;
    Object.assign(entry, { state: "running", wakeAt: Infinity, startedAt: monotonicNow() });
    const wakeAt = await runOnce(key, entry);
    const { queuedAt, startedAt } = entry;
    onReconciled({
      queuedSeconds: (startedAt - queuedAt) / 1_000,
      seconds: (monotonicNow() - startedAt) / 1_000,
    });
    if (wakeAt === Infinity || stopped) entries.delete(key);
    else schedule(key, Object.assign(entry, { wakeAt }));
    rest();
  }

  /** Runs the key; returns the time when it is due again. */
  async function runOnce(key: string, entry: QueuedKey): Promise<number> {
    try {
      const { requeueAfter = Infinity } = (await reconcile(key)) ?? {};
      entry.failures = 0;
      return Math.min(entry.wakeAt, monotonicNow() + requeueAfter);
    } catch (error) {
      onError(key, error);
      entry.failures += 1;
      // Even if the key was added in the meantime: its own writes may have caused that.
      return monotonicNow() + backoffDelay(backoff, entry.failures, random);
    }
  }

  function rest() {
    if (resting.length === 0) return;
    if (inState("running").length > 0 || inState("queued").length > 0) return;
    for (const resolve of resting.splice(0)) resolve();
  }

  function idle(): Promise<void> {
    return new Promise((resolve) => {
      resting.push(resolve);
      rest();
    });
  }

  return {
    add,
    get depth() {
      return inState("queued").length;
    },
    get longestRun() {
      return Math.max(0, ...inState("running").map(({ startedAt }) => monotonicNow() - startedAt));
    },
    idle,
    stop() {
      stopped = true;
      limit.clearQueue();
      for (const [key, entry] of entries) {
        clearTimeout(entry.timer);
        if (entry.state !== "running") entries.delete(key);
      }
      return idle();
    },
  };
}
