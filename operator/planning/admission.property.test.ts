import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideAdmissions, type AdmissionState } from "./admission.ts";
import { createQueuedRuns, type QueuedRun } from "./queuedRuns.ts";

const NODES = ["node-1", "node-2"];

const demands = fc.array(
  fc.record({ node: fc.constantFrom(...NODES, undefined), cpu: fc.integer({ min: 15, max: 130 }) }),
  { minLength: 1, maxLength: 12 },
);
const room = fc.record({
  cpu: fc.integer({ min: 100, max: 4_000 }),
  free: fc.record({ cpu: fc.integer({ min: -100, max: 4_000 }), pods: fc.integer({ min: -5, max: 110 }) }),
});
const clusters = fc.record({
  limits: fc.record({
    pods: fc.integer({ min: 1, max: 60 }),
    podsPerNamespace: fc.integer({ min: 1, max: 30 }),
  }),
  nodes: fc
    .tuple(room, room)
    .map((rooms) => new Map(NODES.map((name, index) => [name, rooms[index] ?? rooms[0]]))),
});
const runs = fc.array(
  fc.record({
    namespace: fc.constantFrom("a", "b", "c", "d"),
    since: fc.integer({ min: 0, max: 20 }),
    pods: demands,
    /** After how many steps its pods have started. */
    start: fc.integer({ min: 1, max: 2 }),
    /** After how many steps it ends. */
    duration: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);

interface Run extends QueuedRun {
  readonly pods: NonNullable<QueuedRun["pods"]>;
  readonly start: number;
  readonly duration: number;
}
type Cluster = Pick<AdmissionState, "limits" | "nodes">;

interface Started {
  readonly run: Run;
  readonly step: number;
  /** What ran when it started. */
  readonly beside: readonly Run[];
  /** Those of them whose pods had not started. */
  readonly starting: readonly Run[];
}

/**
 * Runs the queue to its end: at each step some runs end, others become due, and those that may start do so one by one, as in
 * the operator. The pods of a run are known once it has had its turn.
 */
function simulate(cluster: Cluster, all: readonly Run[]): Started[] {
  const started: Started[] = [];
  const planned = new Set<string>();
  const served = new Set<string>();
  let due: Run[] = [];
  let active: { readonly run: Run; readonly step: number }[] = [];
  const startingAt = (step: number) =>
    active
      .filter(({ run, step: from }) => from + Math.min(run.start, run.duration) > step)
      .map(({ run }) => run);
  const nextTurn = (step: number) => {
    const startingNow = new Set(startingAt(step));
    const queued = createQueuedRuns();
    for (const { pods, ...run } of due) queued.set({ ...run, ...(planned.has(run.key) && { pods }) });
    const decisions = decideAdmissions({
      ...cluster,
      admitted: active.map(({ run }) => ({
        namespace: run.namespace,
        pods: run.pods.map((pod) => ({ ...pod, isStarting: startingNow.has(run) })),
      })),
      next: queued.firsts(),
      served: [...served],
    });
    const [key] = [...decisions].find(([, decision]) => decision === "Start") ?? [];
    return due.find((run) => run.key === key);
  };
  for (let step = 0; started.length < all.length; step += 1) {
    if (step > 1_000) throw new Error(`${all.length - started.length} runs never start`);
    active = active.filter(({ run, step: from }) => from + run.duration > step);
    due.push(...all.filter(({ since }) => since === step));
    for (let run = nextTurn(step); run; run = nextTurn(step)) {
      if (!planned.has(run.key)) {
        planned.add(run.key);
        continue;
      }
      started.push({ run, step, beside: active.map(({ run: other }) => other), starting: startingAt(step) });
      active.push({ run, step });
      served.delete(run.namespace);
      served.add(run.namespace);
      due = due.filter((other) => other !== run);
    }
  }
  return started;
}

const named = (sketches: readonly Omit<Run, "key" | "isAwaited">[]): Run[] =>
  sketches.map((sketch, index) => ({
    ...sketch,
    isAwaited: false,
    key: `${sketch.namespace}/${index}`,
  }));

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const podsOf = (all: readonly Run[]) => all.flatMap(({ pods }) => pods);
const onNode = (all: readonly Run[], node: string) => podsOf(all).filter((pod) => pod.node === node);
const cpuOf = (pods: Run["pods"]) => sum(pods.map(({ cpu }) => cpu));

/** Every limit at the start of a run, with what it and the runs beside it need of it. */
function needsAt({ run, beside, starting }: Started, { limits, nodes }: Cluster) {
  const neighbours = beside.filter(({ namespace }) => namespace === run.namespace);
  const startingNeighbours = starting.filter(({ namespace }) => namespace === run.namespace);
  const ofNodes = [...nodes].flatMap(([node, { cpu, free }]) => {
    const [own, others] = [onNode([run], node), onNode(beside, node)];
    const ofPods = { own: own.length, others: others.length };
    const ofCpu = { own: cpuOf(own), others: cpuOf(others) };
    return [
      { limit: Math.floor((cpu * 2) / 1_000), own: own.length, others: onNode(starting, node).length },
      {
        limit: Math.floor(cpu / 1_000),
        own: own.length,
        others: onNode(startingNeighbours, node).length,
      },
      // If the run does not fit beside the other pods of the node, the end of runs would not help.
      ...(ofPods.own <= free.pods ? [{ limit: free.pods, ...ofPods }] : []),
      ...(ofCpu.own <= free.cpu ? [{ limit: free.cpu, ...ofCpu }] : []),
    ];
  });
  return [
    { limit: limits.pods, own: run.pods.length, others: podsOf(beside).length },
    { limit: limits.podsPerNamespace, own: run.pods.length, others: podsOf(neighbours).length },
    ...ofNodes,
  ];
}

describe("for all clusters and all runs", () => {
  it("no limit is exceeded, except by a run that exceeds it alone and is alone there", () => {
    fc.assert(
      fc.property(clusters, runs, (cluster, sketches) => {
        const needs = simulate(cluster, named(sketches)).flatMap((started) => needsAt(started, cluster));
        const exceeded = needs.filter(
          ({ limit, own, others }) => own > 0 && others > 0 && own + others > limit,
        );
        expect(exceeded).toEqual([]);
      }),
    );
  });

  it("every run starts in the end, and within a namespace the oldest first", () => {
    fc.assert(
      fc.property(clusters, runs, (cluster, sketches) => {
        const all = named(sketches);
        const started = simulate(cluster, all).map(({ run }) => run);
        expect(started).toHaveLength(all.length);
        const order = (one: Run, other: Run) => one.since - other.since || (one.key < other.key ? -1 : 1);
        for (const own of Map.groupBy(started, ({ namespace }) => namespace).values())
          expect(own).toEqual(own.toSorted(order));
      }),
    );
  });

  it("no namespace starves: its next run starts when all runs in progress and one of each other namespace have ended", () => {
    fc.assert(
      fc.property(clusters, runs, (cluster, sketches) => {
        const longest = Math.max(...sketches.map(({ duration }) => duration));
        const byNamespace = Map.groupBy(simulate(cluster, named(sketches)), ({ run }) => run.namespace);
        const waits = [...byNamespace.values()].flatMap((own) =>
          own.map(({ run, step }, index) => step - Math.max(run.since, own[index - 1]?.step ?? 0)),
        );
        expect(Math.max(...waits)).toBeLessThanOrEqual(longest * (byNamespace.size + 1));
      }),
    );
  });
});

describe("a namespace with many due tests", () => {
  it("delays the single test of another one until its runs in progress have ended, however many of its own are queued", () => {
    const crowds = fc.record({
      cluster: clusters,
      count: fc.integer({ min: 1, max: 30 }),
      pods: demands,
      /** When the single test becomes due. */
      at: fc.integer({ min: 1, max: 20 }),
      duration: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(crowds, ({ cluster, count, pods, at, duration }) => {
        const each = { pods, duration, start: 1 };
        const crowd = Array.from({ length: count }, () => ({ namespace: "a", since: 0, ...each }));
        const started = simulate(cluster, named([...crowd, { namespace: "b", since: at, ...each }]));
        const place = started.findIndex(({ run }) => run.namespace === "b");
        expect(started.slice(0, place).filter(({ step }) => step > at)).toEqual([]);
        expect(started[place]?.step).toBeLessThanOrEqual(at + duration);
      }),
    );
  });

  it("does not delay it at all, while its own runs start one after the other, if nothing but the starts of pods is limited", () => {
    const crowds = fc.record({
      cores: fc.integer({ min: 1, max: 16 }),
      /** The pods of each run, as a part of those that may start at once in its namespace. */
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      count: fc.integer({ min: 1, max: 30 }),
      at: fc.integer({ min: 1, max: 10 }),
      start: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(crowds, ({ cores, part, count, at, start }) => {
        const [cpu, limit] = [cores * 1_000, 100_000];
        const cluster = {
          limits: { pods: limit, podsPerNamespace: limit },
          nodes: new Map([["node-1", { cpu, free: { cpu: limit, pods: limit } }]]),
        };
        const pods = Array.from({ length: Math.max(1, Math.floor(part * cores)) }, () => ({
          node: "node-1",
          cpu: 15,
        }));
        const run = { pods, start, duration: start + 3 };
        const crowd = Array.from({ length: count }, () => ({ namespace: "a", since: 0, ...run }));
        const started = simulate(cluster, named([...crowd, { namespace: "b", since: at, ...run }]));
        expect(started.find(({ run: { namespace } }) => namespace === "b")?.step).toBe(at);
      }),
    );
  });
});
