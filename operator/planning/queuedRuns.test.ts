import * as fc from "fast-check";
import { expect, it } from "vitest";
import { noted } from "../testing/noted.ts";
import { createQueuedRuns, isBefore, type QueuedRun } from "./queuedRuns.ts";

const queuedAt = (key: string, since: number, isAwaited = false): QueuedRun => ({
  key,
  namespace: key.split("/")[0] ?? "",
  since,
  isAwaited,
});

it("after any changes, the first run of each namespace is the oldest awaited one, or the oldest of all if none is awaited", () => {
  const change = fc.record({
    key: fc.constantFrom("a/1", "a/2", "a/3", "b/1", "b/2"),
    since: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    isAwaited: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const queue = createQueuedRuns();
      const expected = new Map<string, QueuedRun>();
      for (const { key, since, isAwaited } of changes) {
        const run = since === undefined ? undefined : queuedAt(key, since, isAwaited);
        const wasQueued = expected.has(key);
        if (run) expected.set(key, run);
        else expected.delete(key);
        const removed = run ? queue.set(run) : queue.delete(key);
        expect(removed).toBe(run ? undefined : wasQueued);
        expect([queue.size, queue.get(key)]).toEqual([expected.size, run]);
        const firsts = [...Map.groupBy(expected.values(), ({ namespace }) => namespace).values()].map(
          firstOf,
        );
        expect(new Set(queue.firsts())).toEqual(new Set(firsts));
        for (const first of firsts) expect(queue.firstOf(first?.namespace ?? "")).toEqual(first);
      }
    }),
  );
});

const firstOf = (runs: readonly QueuedRun[]) =>
  runs
    .toSorted(
      (one, other) => Number(other.isAwaited) - Number(one.isAwaited) || (isBefore(one, other) ? -1 : 1),
    )
    .at(0);

it("awaited runs and those of the schedule take turns, each in their order, until only some of one kind are left", () => {
  const sketches = fc.array(fc.record({ since: fc.nat({ max: 9 }), isAwaited: fc.boolean() }));
  fc.assert(
    fc.property(sketches, (all) => {
      const queue = createQueuedRuns();
      all.forEach(({ since, isAwaited }, index) => queue.set(queuedAt(`a/${index}`, since, isAwaited)));
      const started: QueuedRun[] = [];
      for (let next = queue.firstOf("a"); next; next = queue.firstOf("a")) {
        started.push(next);
        queue.start(next.key);
      }
      expect([started.length, queue.size]).toEqual([all.length, 0]);
      const kinds = [true, false].map((kind) => started.filter(({ isAwaited }) => isAwaited === kind));
      for (const kind of kinds)
        expect(kind).toEqual(kind.toSorted((one, other) => (isBefore(one, other) ? -1 : 1)));
      const [awaited = [], scheduled = []] = kinds;
      const mixed = started.slice(0, 2 * Math.min(awaited.length, scheduled.length));
      expect(mixed.map(({ isAwaited }) => isAwaited)).toEqual(mixed.map((_, index) => index % 2 === 0));
    }),
  );
});

it("queuing a run and finding the first one reads a number of runs that does not grow with the queue", () => {
  const readsWith = (length: number) => {
    const queue = createQueuedRuns();
    let reads = 0;
    for (let index = 0; index < length; index += 1)
      queue.set(noted(queuedAt(`a/${index}`, index), () => (reads += 1)));
    reads = 0;
    queue.set(queuedAt("a/late", length));
    expect(queue.firstOf("a")?.since).toBe(0);
    expect(queue.firsts()).toHaveLength(1);
    return reads;
  };
  expect(readsWith(1_000)).toBe(readsWith(10));
});
