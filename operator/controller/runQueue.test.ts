import { beforeEach, expect, it } from "vitest";
import type { NodeRoom } from "../cluster/nodeAdmission.ts";
import { later } from "../testing/objects.ts";
import { createRunQueue, type RunQueue } from "./runQueue.ts";

/** A node of eight cores that starts sixteen pods at once, eight of them of one namespace. */
const ROOM: NodeRoom = { cpu: 8_000, free: { cpu: 500, pods: 100 } };
const pods = (count: number, node = "node-1") => Array.from({ length: count }, () => ({ node, cpu: 50 }));
/** Pods of a run in progress; so many of them are starting. */
const begun = (count: number, starting: number, node = "node-1") =>
  pods(count, node).map((pod, index) => ({ ...pod, isStarting: index < starting }));

let called: string[];
let read: string[];
let queue: RunQueue;
beforeEach(() => {
  called = [];
  read = [];
  queue = createRunQueue({
    limits: { pods: 100, podsPerNamespace: 4 },
    readRoom: async (node) => {
      read.push(node);
      return ROOM;
    },
    onTurn: (key) => called.push(key),
  });
});

/** The run of a test becomes due. Returns what it waits for. */
function enter(key: string, since = 0, isAwaited = false) {
  queue.enter({ key, namespace: key.split("/")[0] ?? "", since, isAwaited });
  return queue.obstacleOf(key);
}

/** The keys that were called since the last time. */
const turns = () => called.splice(0);

it("admits a run at once where nothing else runs, and reads no node for it", async () => {
  expect(enter("a/1")).toBeUndefined();
  expect(await queue.admit("a/1", pods(9), later(0))).toBeUndefined();
  expect(read).toEqual([]);
  expect([queue.length, queue.pods]).toEqual([0, 9]);
});

it("calls the next run of a namespace when the one before is admitted, and another that waits when a run has ended", async () => {
  for (const key of ["a/1", "a/2", "a/3"]) enter(key);
  await queue.admit("a/1", pods(2), later(0));
  expect(turns()).toEqual(["a/2"]);
  expect(enter("a/2")).toBeUndefined();
  await queue.admit("a/2", pods(2), later(0));
  expect(turns()).toEqual(["a/3"]);
  expect(enter("a/3")).toBeUndefined();
  expect(await queue.admit("a/3", pods(2), later(0))).toBe("NamespaceLimit");
  expect(turns()).toEqual([]);
  expect(enter("a/3")).toBe("NamespaceLimit");
  queue.release("a/1");
  expect(turns()).toEqual(["a/3"]);
  expect(enter("a/3")).toBeUndefined();
  expect(await queue.admit("a/3", pods(2), later(0))).toBeUndefined();
});

it("reads a node on which others have pods, once in half a minute", async () => {
  for (const [index, key] of ["a/1", "b/1", "c/1", "d/1"].entries()) {
    enter(key);
    await queue.admit(key, pods(3), later(index * 15_000));
  }
  expect(read).toEqual(["node-1", "node-1"]);
  expect(enter("d/1")).toBe("NodeCPU");
});

it("reads a node that another run begins to use while it reads another one", async () => {
  for (const key of ["a/1", "b/1"]) enter(key);
  await queue.admit("a/1", pods(1, "node-1"), later(0));
  const both = queue.admit("b/1", [...pods(1, "node-1"), ...pods(1, "node-2")], later(0));
  queue.occupy("c/1", { namespace: "c", pods: begun(1, 0, "node-2") });
  await both;
  expect(read).toEqual(["node-1", "node-2"]);
});

it("keeps room for an earlier run of another namespace once that has been planned, and calls the later one when it has left", async () => {
  queue.occupy("c/1", { namespace: "c", pods: begun(7, 0) });
  enter("a/1", 1);
  expect(await queue.admit("a/1", pods(4), later(0))).toBe("NodeCPU");
  enter("b/1", 2);
  expect(await queue.admit("b/1", pods(1), later(0))).toBe("EarlierRuns");
  expect(turns()).toEqual([]);
  queue.leave("a/1");
  expect(turns()).toEqual(["b/1"]);
});

it("keeps the earlier of two times of the same run", () => {
  enter("a/1", 5);
  expect(enter("a/2", 3)).toBeUndefined();
  expect(enter("a/1", 5)).toBe("EarlierRuns");
  expect(enter("a/1", 1)).toBeUndefined();
  expect(enter("a/1", 9)).toBeUndefined();
  expect(enter("a/2", 3)).toBe("EarlierRuns");
  expect(queue.length).toBe(2);
});

it("a run that becomes awaited while it is queued takes the next turn of the awaited ones", async () => {
  for (const key of ["a/1", "a/2", "a/3", "a/4"]) enter(key);
  expect(enter("a/4", 9, true)).toBeUndefined();
  expect(await queue.admit("a/4", pods(1), later(0))).toBeUndefined();
  expect(turns()).toEqual(["a/1"]);
  enter("a/3", 9, true);
  await queue.admit("a/1", pods(1), later(0));
  expect(turns()).toEqual(["a/3"]);
});

it("namespaces take turns", async () => {
  for (const key of ["a/1", "a/2", "b/1"]) enter(key);
  await queue.admit("a/1", pods(1), later(0));
  await queue.admit("b/1", pods(1), later(0));
  queue.release("a/1");
  queue.release("b/1");
  enter("b/0", -1);
  turns();
  queue.leave("c/1");
  queue.occupy("d/1", { namespace: "d", pods: begun(1, 0) });
  queue.release("d/1");
  expect(turns()).toEqual(["a/2", "b/0"]);
});

it("a test that enters again has no run in progress", async () => {
  enter("a/1");
  await queue.admit("a/1", pods(4), later(0));
  enter("a/1");
  expect(await queue.admit("a/1", pods(4), later(0))).toBeUndefined();
  expect(queue.pods).toBe(4);
});

it("counts the pods that a reconcile has found", async () => {
  queue.occupy("a/1", { namespace: "a", pods: begun(3, 0) });
  enter("a/2");
  expect(await queue.admit("a/2", pods(2), later(0))).toBe("NamespaceLimit");
  queue.occupy("a/1", { namespace: "a", pods: begun(4, 0) });
  expect(turns()).toEqual([]);
  queue.occupy("a/1", { namespace: "a", pods: begun(2, 0) });
  expect(turns()).toEqual(["a/2"]);
  queue.release("a/1");
  queue.release("a/1");
  expect(turns()).toEqual(["a/2"]);
});

it("calls the next run when a pod of an earlier one has started", async () => {
  for (const [key, count] of Object.entries({ "b/1": 8, "c/1": 7 }))
    queue.occupy(key, { namespace: key, pods: begun(count, count).map((pod) => ({ ...pod, cpu: 1 })) });
  enter("a/1");
  expect(await queue.admit("a/1", pods(3), later(0))).toBe("NodeStarts");
  queue.occupy("c/1", { namespace: "c/1", pods: begun(7, 7).map((pod) => ({ ...pod, cpu: 1 })) });
  expect(turns()).toEqual([]);
  queue.occupy("c/1", { namespace: "c/1", pods: begun(7, 5).map((pod) => ({ ...pod, cpu: 1 })) });
  expect(turns()).toEqual(["a/1"]);
  expect(await queue.admit("a/1", pods(3), later(0))).toBeUndefined();
});
