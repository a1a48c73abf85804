import type { WaitsFor } from "../../crds/teststatus.ts";
import type { NodeRoom } from "../cluster/nodeAdmission.ts";
import { decideAdmissions, type AdmissionLimits, type AdmittedRun } from "../planning/admission.ts";
import type { PodDemand, PodInProgress } from "../planning/podDemand.ts";
import { createQueuedRuns, type QueuedRun } from "../planning/queuedRuns.ts";

/** How long the room of a node that was read counts, in milliseconds. */
const ROOM_AGE = 30_000;

export interface RunQueueOptions {
  readonly limits: AdmissionLimits;
  /** Reads the room of a node; undefined: it has no limit. */
  readonly readRoom: (node: string) => Promise<NodeRoom | undefined>;
  /** Called with the key of each test whose run may start now, again at each change until it has started. */
  readonly onTurn: (key: string) => void;
}

/**
 * The runs that are queued or in progress, by the keys of their tests. It is a view of the cluster's state: the caller
 * restores it from the tests and ProbeRuns when it becomes the leader, and updates it in each reconcile.
 */
export interface RunQueue {
  /**
   * Queues a due run of a test that has no run in progress; one that is queued already keeps the earlier of both times. Whether it
   * is awaited may have changed since.
   */
  enter(run: Omit<QueuedRun, "pods">): void;
  /** What a queued run waits for; undefined if it is to be planned now. */
  obstacleOf(key: string): WaitsFor | undefined;
  /** Admits the planned run if there is room for its pods. Returns what it waits for; undefined if it is to start now. */
  admit(key: string, pods: readonly PodDemand[], now: Date): Promise<WaitsFor | undefined>;
  /** Removes a run that is not due any more, or that cannot be planned. */
  leave(key: string): void;
  /** Records a run in progress and its pods. Where fewer of them are left or starting than before, others may start. */
  occupy(key: string, run: AdmittedRun): void;
  /** Records that no run of the test is in progress. */
  release(key: string): void;
  /** How many runs are queued. */
  readonly length: number;
  /** How many runs are in progress. */
  readonly inProgress: number;
  /** The number of pods of all runs in progress. */
  readonly pods: number;
}

export function createRunQueue({ limits, readRoom, onTurn }: RunQueueOptions): RunQueue {
  const queued = createQueuedRuns();
  const admitted = new Map<string, AdmittedRun>();
  /** In the order in which their last runs were admitted. */
  const served = new Set<string>();
  const nodes = new Map<string, NodeRoom>();
  const nodesReadAt = new Map<string, number>();

  const decisions = () =>
    decideAdmissions({
      limits,
      admitted: [...admitted.values()],
      next: queued.firsts(),
      served: [...served],
      nodes,
    });

  function obstacleOf(key: string): WaitsFor | undefined {
    const run = queued.get(key);
    if (run && queued.firstOf(run.namespace) !== run) return "EarlierRuns";
    const decision = decisions().get(key) ?? "EarlierRuns";
    return decision === "Start" ? undefined : decision;
  }

  function callNext() {
    for (const [key, decision] of decisions()) if (decision === "Start") onTurn(key);
  }

  function occupy(key: string, run: AdmittedRun) {
    const before = admitted.get(key);
    admitted.set(key, run);
    if (before) {
      if (run.pods.length < before.pods.length || startsIn(run) < startsIn(before)) callNext();
      return;
    }
    served.delete(run.namespace);
    served.add(run.namespace);
  }

  /** Reads the nodes of these pods on which other runs have pods: a run that is alone on a node has no limit there. */
  async function readNodes(pods: readonly PodDemand[], now: Date): Promise<void> {
    const inUse = new Set([...admitted.values()].flatMap((run) => run.pods.map(({ node }) => node)));
    const wanted = new Set(pods.flatMap(({ node }) => (node !== undefined && inUse.has(node) ? [node] : [])));
    const outdated = [...wanted].filter(
      (node) => now.getTime() >= (nodesReadAt.get(node) ?? -Infinity) + ROOM_AGE,
    );
    if (outdated.length === 0) return;
    await Promise.all(
      outdated.map(async (node) => {
        const room = await readRoom(node);
        nodesReadAt.set(node, now.getTime());
        if (room) nodes.set(node, room);
        else nodes.delete(node);
      }),
    );
    // Meanwhile, other runs may have been admitted to more of the nodes.
    await readNodes(pods, now);
  }

  return {
    enter(run) {
      // A test has one run: what is left of another one, of an older spec, is being deleted.
      admitted.delete(run.key);
      const known = queued.get(run.key);
      const since = Math.min(run.since, known?.since ?? Infinity);
      if (since !== known?.since || run.isAwaited !== known.isAwaited)
        queued.set({ ...known, ...run, since });
    },
    obstacleOf,
    async admit(key, pods, now) {
      await readNodes(pods, now);
      const run = queued.get(key);
      if (!run) throw new Error(`${key} is admitted without being queued`);
      queued.set({ ...run, pods });
      const obstacle = obstacleOf(key);
      if (obstacle) return obstacle;
      queued.start(key);
      occupy(key, { namespace: run.namespace, pods: pods.map((pod) => ({ ...pod, isStarting: true })) });
      callNext();
      return undefined;
    },
    leave(key) {
      if (queued.delete(key)) callNext();
    },
    occupy,
    release(key) {
      if (admitted.delete(key)) callNext();
    },
    get length() {
      return queued.size;
    },
    get inProgress() {
      return admitted.size;
    },
    get pods() {
      return admitted.values().reduce((sum, run) => sum + run.pods.length, 0);
    },
  };
}

const startsIn = ({ pods }: { readonly pods: readonly PodInProgress[] }) =>
  pods.filter(({ isStarting }) => isStarting).length;
