import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createWorkQueue, type ReconcileTimes, type WorkQueueOptions } from "./workQueue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const flush = () => vi.advanceTimersByTimeAsync(0);

/** A queue whose runs are recorded and end when the test says so, unless `reconcile` is given. */
function setUp(options: Partial<WorkQueueOptions> = {}) {
  const started: string[] = [];
  const open: { key: string; end: PromiseWithResolvers<{ requeueAfter?: number } | void> }[] = [];
  const errors: unknown[] = [];
  const queue = createWorkQueue({
    concurrency: 2,
    backoff: { base: 100, cap: 1_000 },
    random: () => 0,
    onError: (_, error) => errors.push(error),
    ...options,
    reconcile: (key) => {
      started.push(key);
      if (options.reconcile) return options.reconcile(key);
      const end = Promise.withResolvers<{ requeueAfter?: number } | void>();
      open.push({ key, end });
      return end.promise;
    },
  });
  const finish = async (result?: { requeueAfter?: number }) => {
    open.shift()?.end.resolve(result);
    await flush();
  };
  const fail = async () => {
    open.shift()?.end.reject(new Error("no"));
    await flush();
  };
  return { queue, started, errors, finish, fail };
}

describe("a queue", () => {
  it("runs a key once, however often it is added before it starts", async () => {
    const { queue, started } = setUp();
    queue.add("a");
    queue.add("a");
    await flush();
    expect(started).toEqual(["a"]);
  });

  it("runs a key again that is added while it runs, and not before that run has ended", async () => {
    const { queue, started, finish } = setUp();
    queue.add("a");
    await flush();
    queue.add("a");
    queue.add("a");
    await flush();
    expect(started).toEqual(["a"]);
    await finish();
    expect(started).toEqual(["a", "a"]);
    await finish();
    expect(started).toEqual(["a", "a"]);
  });

  it("runs as many keys at once as it is wide, and reports how many wait", async () => {
    const { queue, started, finish } = setUp();
    for (const key of ["a", "b", "c", "d"]) queue.add(key);
    await flush();
    expect(started).toEqual(["a", "b"]);
    expect(queue.depth).toBe(2);
    await finish();
    expect(started).toEqual(["a", "b", "c"]);
  });

  it("comes back after the time that a run asks for", async () => {
    const { queue, started, finish } = setUp();
    queue.add("a");
    await flush();
    await finish({ requeueAfter: 5_000 });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(started).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["a", "a"]);
  });

  it("forgets the delay of a key that is added before it is over", async () => {
    const { queue, started, finish } = setUp();
    queue.add("a");
    await flush();
    await finish({ requeueAfter: 5_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    queue.add("a");
    await flush();
    expect(started).toEqual(["a", "a"]);
    await finish();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toEqual(["a", "a"]);
  });

  it("runs a key at once that was added while it ran, independent of the time that the run asks for", async () => {
    const { queue, started, finish } = setUp();
    queue.add("a");
    await flush();
    queue.add("a");
    await finish({ requeueAfter: 60_000 });
    expect(started).toEqual(["a", "a"]);
  });

  it("wakes a key whose delay is longer than a timer can count after a day, and neither at once nor never", async () => {
    const { queue, started, finish } = setUp();
    const day = 24 * 3_600_000;
    queue.add("a");
    await flush();
    await finish({ requeueAfter: 30 * day });
    await vi.advanceTimersByTimeAsync(day - 1);
    expect(started).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(["a", "a"]);
  });

  it("backs off from a key that fails, also if it was added meanwhile, and forgets that on success", async () => {
    const { queue, started, errors, fail, finish } = setUp();
    queue.add("a");
    await flush();
    for (const wait of [100, 200, 400, 800, 1_000, 1_000]) {
      queue.add("a");
      await fail();
      await vi.advanceTimersByTimeAsync(wait - 1);
      const runs = started.length;
      await vi.advanceTimersByTimeAsync(1);
      expect(started).toHaveLength(runs + 1);
    }
    expect(errors).toHaveLength(6);
    await finish();
    queue.add("a");
    await flush();
    await fail();
    await vi.advanceTimersByTimeAsync(100);
    expect(started).toHaveLength(9);
  });

  it("lets other keys run while one backs off", async () => {
    const { queue, started, fail } = setUp();
    queue.add("a");
    await flush();
    await fail();
    queue.add("b");
    await flush();
    expect(started).toEqual(["a", "b"]);
  });

  it("reports how long the longest run has taken so far", async () => {
    const { queue, finish } = setUp();
    expect(queue.longestRun).toBe(0);
    queue.add("a");
    await vi.advanceTimersByTimeAsync(3_000);
    queue.add("b");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(queue.longestRun).toBe(4_000);
    await finish();
    expect(queue.longestRun).toBe(1_000);
  });

  it("is idle when nothing runs or waits for room", async () => {
    const { queue, finish } = setUp({ concurrency: 1 });
    const idle = vi.fn<() => void>();
    queue.add("c");
    await flush();
    await finish({ requeueAfter: 1_000 });
    queue.add("a");
    queue.add("b");
    void queue.idle().then(idle);
    await flush();
    await finish();
    expect(idle).not.toHaveBeenCalled();
    await finish();
    expect(idle).toHaveBeenCalledOnce();
  });

  it("stops: lets the running key end, and starts none that waits, is delayed, or comes later", async () => {
    const { queue, started, finish } = setUp({ concurrency: 1 });
    const stopped = vi.fn<() => void>();
    queue.add("c");
    await flush();
    await finish({ requeueAfter: 10 });
    queue.add("a");
    queue.add("b");
    await flush();
    queue.add("a");
    void queue.stop().then(stopped);
    queue.add("d");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).not.toHaveBeenCalled();
    await finish({ requeueAfter: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toHaveBeenCalledOnce();
    expect(started).toEqual(["c", "a"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("reports how long each reconcile has waited for capacity and how long it took, also one that failed", async () => {
  const times: ReconcileTimes[] = [];
  const { queue, finish, fail } = setUp({ concurrency: 1, onReconciled: (each) => times.push(each) });
  queue.add("a");
  queue.add("b");
  await vi.advanceTimersByTimeAsync(2_000);
  await fail();
  await vi.advanceTimersByTimeAsync(50);
  await finish();
  expect(times).toEqual([
    { queuedSeconds: 0, seconds: 2 },
    { queuedSeconds: 2, seconds: 0.05 },
  ]);
});

describe("for any order of additions, failures and durations", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    pause: fc.integer({ min: 0, max: 40 }),
  });
  const outcome = fc.record({
    takes: fc.integer({ min: 0, max: 60 }),
    fails: fc.boolean(),
    requeueAfter: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  });

  it("no key runs twice at once, no more keys than allowed, and every addition is followed by a run", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.array(outcome, { minLength: 1, maxLength: 20 }),
        async (steps, outcomes) => {
          const running = new Set<string>();
          const lastStart = new Map<string, number>();
          const lastAdd = new Map<string, number>();
          const violations: string[] = [];
          let order = 0;
          const queue = createWorkQueue({
            concurrency: 2,
            backoff: { base: 5, cap: 50 },
            onError: () => {},
            reconcile: async (key) => {
              if (running.has(key) || running.size >= 2) violations.push(key);
              running.add(key);
              lastStart.set(key, (order += 1));
              const { takes = 0, fails, requeueAfter } = outcomes[order % outcomes.length] ?? {};
              await new Promise((resolve) => {
                setTimeout(resolve, takes);
              });
              running.delete(key);
              if (order >= 200) return {};
              if (fails === true) throw new Error("no");
              return requeueAfter === undefined ? {} : { requeueAfter };
            },
          });
          for (const { key, pause } of steps) {
            lastAdd.set(key, (order += 1));
            queue.add(key);
            await vi.advanceTimersByTimeAsync(pause);
          }
          await vi.advanceTimersByTimeAsync(60_000);
          for (const [key, added] of lastAdd) expect(lastStart.get(key)).toBeGreaterThan(added);
          expect(violations).toEqual([]);
          expect(vi.getTimerCount()).toBe(0);
          expect(queue.depth).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
