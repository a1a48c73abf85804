import pLimit from "p-limit";
import { type Backoff, backoffDelay } from "./backoff.ts";

/** Timers cannot count further than 24.8 days; a key that wakes up early just looks again. */
const LONGEST_DELAY_MS = 24 * 3_600_000;

/** Milliseconds that never go back, whatever happens to the wall clock. */
const now = () => performance.now();

export interface QueueOptions {
  /** Handles a key; `requeueAfter` (milliseconds) asks to be called again. A thrown error is tried again with backoff. */
  readonly reconcile: (key: string) => Promise<{ readonly requeueAfter?: number } | void>;
  /** How many keys run at once. */
  readonly concurrency: number;
  readonly backoff: Backoff;
  readonly onError: (key: string, error: unknown) => void;
  /** In [0, 1), for jitter. */
  readonly random?: () => number;
}

/** A work queue of keys: what is to be done is not in it, but seen by whoever handles the key. */
export interface Queue {
  /** The key runs as soon as there is room, and starts after this call. */
  add(key: string): void;
  /** The same, after so many milliseconds. Of several wake-ups of one key only the earliest counts. */
  addAfter(key: string, milliseconds: number): void;
  /** Keys that wait for room. */
  readonly depth: number;
  /** For how many milliseconds the longest running key has been running; 0 if none runs. */
  readonly longestRun: number;
  /** Resolves as soon as no key runs or waits for room; one with a delay does not count. */
  idle(): Promise<void>;
  /** Takes and starts no more keys; resolves when those that run have ended. */
  stop(): Promise<void>;
}

/** What is known of a key that is not idle: it waits for a time, waits for room, or runs. */
interface Entry {
  state: "delayed" | "queued" | "running";
  failures: number;
  /** When to run next, asked for while it runs. */
  wakeAt: number;
  startedAt: number;
  timer?: NodeJS.Timeout;
}

/**
 * A key never runs twice at once; added while it runs, it runs again afterwards. Errors back off for each key on its
 * own, until a run succeeds. A key that has nothing to wait for is forgotten.
 */
export function createQueue(options: QueueOptions): Queue {
  const { reconcile, backoff, onError, random = Math.random } = options;
  const limit = pLimit(options.concurrency);
  const entries = new Map<string, Entry>();
  const resting: (() => void)[] = [];
  let stopped = false;

  const inState = (state: Entry["state"]) => [...entries.values()].filter((entry) => entry.state === state);

  function addAt(key: string, time: number) {
    if (stopped) return;
    const entry = entries.get(key) ?? { state: "delayed", failures: 0, wakeAt: Infinity, startedAt: 0 };
    entries.set(key, entry);
    if (entry.state === "queued" || time >= entry.wakeAt) return;
    entry.wakeAt = time;
    if (entry.state === "delayed") schedule(key, entry);
  }

  /** Lets a key that does not run wait for its time. */
  function schedule(key: string, entry: Entry) {
    clearTimeout(entry.timer);
    const delay = entry.wakeAt - now();
    if (delay <= 0) return enqueue(key, entry);
    entry.state = "delayed";
    entry.timer = setTimeout(() => enqueue(key, entry), Math.min(delay, LONGEST_DELAY_MS));
  }

  function enqueue(key: string, entry: Entry) {
    entry.state = "queued";
    void limit(() => run(key, entry));
  }

  async function run(key: string, entry: Entry) {
    if (stopped) return;
    Object.assign(entry, { state: "running", wakeAt: Infinity, startedAt: now() });
    const wakeAt = await runOnce(key, entry);
    if (wakeAt === Infinity || stopped) entries.delete(key);
    else schedule(key, Object.assign(entry, { wakeAt }));
    rest();
  }

  /** Runs the key; the time when it is due again. */
  async function runOnce(key: string, entry: Entry): Promise<number> {
    try {
      const { requeueAfter = Infinity } = (await reconcile(key)) ?? {};
      entry.failures = 0;
      return Math.min(entry.wakeAt, now() + requeueAfter);
    } catch (error) {
      onError(key, error);
      entry.failures += 1;
      // Also if the key was added meanwhile: its own writes may be what added it.
      return now() + backoffDelay(backoff, entry.failures, random);
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
    add: (key) => addAt(key, now()),
    addAfter: (key, milliseconds) => addAt(key, now() + milliseconds),
    get depth() {
      return inState("queued").length;
    },
    get longestRun() {
      return Math.max(0, ...inState("running").map(({ startedAt }) => now() - startedAt));
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
