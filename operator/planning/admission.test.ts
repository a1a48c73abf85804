import { describe, expect, it } from "vitest";
import { decideAdmissions, type AdmissionLimits, type AdmittedRun } from "./admission.ts";
import type { QueuedRun } from "./queuedRuns.ts";

const limits: AdmissionLimits = { pods: 20, podsPerNamespace: 10 };
/** Four cores, of which other pods leave one and a half; eight pods may start at once, four of them of one namespace. */
const nodes = new Map([["node-1", { cpu: 4_000, free: { cpu: 1_500, pods: 60 } }]]);
const roomOf = (cpu: number, pods: number) => new Map([["node-1", { cpu: 4_000, free: { cpu, pods } }]]);

const pods = (count: number, { node = "node-1", cpu = 50 } = {}) =>
  Array.from({ length: count }, () => ({ node, cpu }));

const inProgress = (
  namespace: string,
  demands: ReturnType<typeof pods>,
  isStarting: boolean,
): AdmittedRun => ({
  namespace,
  pods: demands.map((pod) => ({ ...pod, isStarting })),
});
const running = (namespace: string, count: number, at = {}) => inProgress(namespace, pods(count, at), false);
const starting = (namespace: string, count: number, at = {}) => inProgress(namespace, pods(count, at), true);

/** Named after its namespace and its time; `undefined`: it was not planned yet. */
const queued = (namespace: string, since: number, demand?: QueuedRun["pods"]): QueuedRun => ({
  key: `${namespace}/${since}`,
  namespace,
  since,
  isAwaited: false,
  ...(demand && { pods: demand }),
});

interface Scene {
  readonly admitted?: readonly AdmittedRun[];
  readonly runs: readonly QueuedRun[];
  readonly nodes?: typeof nodes;
  readonly limits?: AdmissionLimits;
  readonly served?: readonly string[];
}

const decided = ({ admitted = [], runs, ...known }: Scene) =>
  decideAdmissions({ limits, nodes, served: [], admitted, next: runs, ...known });

describe("a run starts", () => {
  it.each<[string, Scene]>([
    ["if nothing else runs", { runs: [queued("a", 1, pods(2))] }],
    [
      "if its pods fit into every limit exactly",
      { admitted: [running("a", 8), running("b", 10)], runs: [queued("a", 1, pods(2))] },
    ],
    [
      "if it exceeds every limit, and nothing else runs",
      { runs: [queued("a", 1, pods(50, { cpu: 1_000 }))] },
    ],
    [
      "if it exceeds the limit of its namespace, and only others run",
      { admitted: [running("b", 5)], runs: [queued("a", 1, pods(12))] },
    ],
    [
      "if as many pods as its node starts at once have started already",
      {
        admitted: [running("a", 4, { cpu: 15 }), running("b", 8, { cpu: 15 }), starting("b", 2, { cpu: 15 })],
        runs: [queued("a", 1, pods(4, { cpu: 15 }))],
      },
    ],
    [
      "if it alone exceeds what its node may start at once, and nothing else starts there",
      {
        admitted: [running("b", 5), starting("b", 4, { node: "node-2" })],
        runs: [queued("a", 1, pods(9, { cpu: 15 }))],
      },
    ],
    [
      "if it was not planned yet, even where limits are exceeded",
      { admitted: [running("a", 50), running("b", 50)], runs: [queued("a", 1)] },
    ],
    [
      "if its node is in use, and nothing is known of the node",
      {
        admitted: [running("b", 1, { node: "node-9", cpu: 9_000 })],
        runs: [queued("a", 1, pods(1, { node: "node-9" }))],
      },
    ],
    [
      "if the other pods of its node leave too little for it even when it is alone: the scheduler decides",
      { admitted: [running("b", 1)], runs: [queued("a", 1, pods(1))], nodes: roomOf(10, 0) },
    ],
  ])("%s", (_, scene) => {
    expect(Object.fromEntries(decided(scene))).toEqual({ "a/1": "Start" });
  });
});

describe("a run waits", () => {
  it.each<[string, string, Scene]>([
    [
      "NamespaceLimit",
      "the pods of its namespace",
      { admitted: [running("a", 9)], runs: [queued("a", 1, pods(2))] },
    ],
    [
      "ClusterLimit",
      "the pods of all namespaces",
      { admitted: [running("b", 10), running("c", 9)], runs: [queued("a", 1, pods(2, { node: "node-2" }))] },
    ],
    [
      "NodeCPU",
      "the CPU that other pods leave on its node",
      { admitted: [running("b", 2, { cpu: 725 })], runs: [queued("a", 1, pods(2))] },
    ],
    [
      "NodePods",
      "the pods that other pods leave on its node",
      { admitted: [running("b", 2)], runs: [queued("a", 1, pods(2))], nodes: roomOf(1_000, 3) },
    ],
    [
      "NamespaceStarts",
      "the pods of its namespace that may start at once on its node",
      { admitted: [starting("a", 3, { cpu: 15 })], runs: [queued("a", 1, pods(2, { cpu: 15 }))] },
    ],
    [
      "NodeStarts",
      "the pods of all namespaces that may start at once on its node",
      {
        admitted: [starting("b", 4, { cpu: 15 }), starting("c", 3, { cpu: 15 })],
        runs: [queued("a", 1, pods(2, { cpu: 15 }))],
      },
    ],
  ])("for %s: %s", (waitsFor, _, scene) => {
    expect(Object.fromEntries(decided(scene))).toEqual({ "a/1": waitsFor });
  });

  it("behind an earlier one that needs the room, even if it would fit itself", () => {
    const runs = [queued("a", 1, pods(10, { cpu: 150 })), queued("b", 2, pods(1))];
    const decisions = decided({ admitted: [running("c", 2)], runs });
    expect(Object.fromEntries(decisions)).toEqual({ "a/1": "NodeCPU", "b/2": "EarlierRuns" });
  });

  it("and does not keep others from other nodes, or from what its own namespace may not use", () => {
    const busy = decided({
      admitted: [running("d", 2, { cpu: 725 })],
      runs: [queued("a", 1, pods(2)), queued("b", 2, pods(2, { node: "node-2" }))],
    });
    expect(Object.fromEntries(busy)).toEqual({ "a/1": "NodeCPU", "b/2": "Start" });
    const limited = decided({
      admitted: [running("a", 9, { cpu: 10 })],
      runs: [queued("a", 1, pods(9)), queued("b", 2, pods(10))],
    });
    expect(Object.fromEntries(limited)).toEqual({ "a/1": "NamespaceLimit", "b/2": "Start" });
    const behindOwn = decided({
      admitted: [starting("a", 2, { cpu: 10 }), starting("c", 3, { cpu: 10 })],
      runs: [queued("a", 1, pods(4, { cpu: 10 })), queued("b", 2, pods(3, { cpu: 10 }))],
    });
    expect(Object.fromEntries(behindOwn)).toEqual({ "a/1": "NamespaceStarts", "b/2": "Start" });
  });
});

it("namespaces take turns, and one that had none comes first", () => {
  const runs = [queued("b", 3, pods(1)), queued("a", 1, pods(1)), queued("c", 4, pods(1))];
  expect([...decided({ runs }).keys()]).toEqual(["a/1", "b/3", "c/4"]);
  expect([...decided({ runs, served: ["c", "d", "a"] }).keys()]).toEqual(["b/3", "c/4", "a/1"]);
});
