import type { WaitsFor } from "../../crds/teststatus.ts";
import type { NodeRoom } from "../cluster/nodeAdmission.ts";
import type { PodInProgress } from "./podDemand.ts";
import { isBefore, type QueuedRun } from "./queuedRuns.ts";

/**
 * How many pods start on a node at the same time, for each core that it offers. Their requests do not bound the load of many
 * starts: a pod of one check requests 15m, which is more than it uses while it runs, but its start takes a third of a second of
 * CPU (kubelet, runtime, network plugin, Node.js).
 */
const STARTS_PER_CORE = 2;
/** The same for the tests of one namespace: half of it, so that those of another namespace have room as well. */
const STARTS_PER_CORE_AND_NAMESPACE = STARTS_PER_CORE / 2;

/** The limits of the pods of all runs in progress. A run that exceeds a limit by itself starts when it is alone there. */
export interface AdmissionLimits {
  readonly pods: number;
  /** Of the tests of one namespace, in any namespace that their pods run in. */
  readonly podsPerNamespace: number;
}

/** A run that has been admitted and has not ended. */
export interface AdmittedRun {
  /** The namespace of its test; "" for a ClusterConnectivityTest. */
  readonly namespace: string;
  readonly pods: readonly PodInProgress[];
}

export interface AdmissionState {
  readonly limits: AdmissionLimits;
  readonly admitted: readonly AdmittedRun[];
  /** The first queued run of each namespace. All others wait for `EarlierRuns`. */
  readonly next: readonly QueuedRun[];
  /** The namespaces in the order in which their last runs were admitted. One that had none comes before all of them. */
  readonly served: readonly string[];
  /** What is known of the nodes; a node that is not known has no limit. */
  readonly nodes: ReadonlyMap<string, NodeRoom>;
}

/** Start: the run is to be planned, and starts if there is room for its pods. */
export type Admission = "Start" | WaitsFor;

/**
 * Decides on the next run of each namespace. The result is in the order of their turns: the namespace whose last run was admitted
 * first is next. A run that waits for a node or for the limit of the cluster keeps the room that it needs there from all runs after
 * it, so a large run is not overtaken permanently. One that waits for other runs of its own namespace keeps nothing from others.
 */
export function decideAdmissions(state: AdmissionState): ReadonlyMap<string, Admission> {
  const used = totalUsage(state.admitted);
  const claimed = totalUsage(state.admitted);
  const decisions = new Map<string, Admission>();
  for (const { key, namespace, pods } of queuedByTurn(state)) {
    if (!pods) {
      decisions.set(key, "Start");
      continue;
    }
    const run = { namespace, pods: pods.map((pod) => ({ ...pod, isStarting: true })) };
    const isBehind = obstacleTo(run, claimed, state) !== undefined;
    const decision = obstacleTo(run, used, state) ?? (isBehind ? "EarlierRuns" : "Start");
    decisions.set(key, decision);
    if (!isForOwnNamespace(decision)) add(claimed, run);
    if (decision === "Start") add(used, run);
  }
  return decisions;
}

const isForOwnNamespace = (decision: Admission) =>
  decision === "NamespaceLimit" || decision === "NamespaceStarts";

function queuedByTurn({ next, served }: AdmissionState): QueuedRun[] {
  const turns = new Map(served.map((namespace, turn) => [namespace, turn]));
  const turnOf = ({ namespace }: QueuedRun) => turns.get(namespace) ?? -1;
  return next.toSorted((one, other) => turnOf(one) - turnOf(other) || (isBefore(one, other) ? -1 : 1));
}

/** An amount of pods, their CPU requests in thousandths of a core, and how many of them are starting. */
interface PodAmount {
  readonly pods: number;
  readonly cpu: number;
  readonly starts: number;
}

const NONE: PodAmount = { pods: 0, cpu: 0, starts: 0 };

/** The amounts of pods of each node that is planned for them. */
type NodeAmounts = Map<string, PodAmount>;

interface Usage {
  pods: number;
  readonly namespaces: Map<string, { pods: number; readonly nodes: NodeAmounts }>;
  readonly nodes: NodeAmounts;
}

function totalUsage(runs: readonly AdmittedRun[]): Usage {
  const usage: Usage = { pods: 0, namespaces: new Map(), nodes: new Map() };
  for (const run of runs) add(usage, run);
  return usage;
}

function add(usage: Usage, { namespace, pods }: AdmittedRun): void {
  const own = usage.namespaces.get(namespace) ?? { pods: 0, nodes: new Map() };
  usage.namespaces.set(namespace, own);
  for (const total of [usage, own]) {
    total.pods += pods.length;
    addByNode(total.nodes, pods);
  }
}

function addByNode(amounts: NodeAmounts, pods: readonly PodInProgress[]): void {
  for (const { node, cpu, isStarting } of pods) {
    if (node === undefined) continue;
    const before = amounts.get(node) ?? NONE;
    const starts = before.starts + (isStarting ? 1 : 0);
    amounts.set(node, { pods: before.pods + 1, cpu: before.cpu + cpu, starts });
  }
}

/** The obstacles of its own namespace come first, because a run that has one keeps nothing from others. */
function obstacleTo(
  { namespace, pods }: AdmittedRun,
  usage: Usage,
  { limits, nodes }: AdmissionState,
): WaitsFor | undefined {
  const own = usage.namespaces.get(namespace) ?? { pods: 0, nodes: new Map<string, PodAmount>() };
  if (exceeds(own.pods, pods.length, limits.podsPerNamespace)) return "NamespaceLimit";
  const amounts: NodeAmounts = new Map();
  addByNode(amounts, pods);
  const ofNodes = [...amounts].flatMap(([node, more]) => {
    const room = nodes.get(node);
    return room ? { room, more, own: own.nodes.get(node) ?? NONE, all: usage.nodes.get(node) ?? NONE } : [];
  });
  if (ofNodes.some((node) => exceeds(node.own.starts, node.more.starts, startsOf(node.room).ofNamespace)))
    return "NamespaceStarts";
  if (exceeds(usage.pods, pods.length, limits.pods)) return "ClusterLimit";
  for (const { room, more, all } of ofNodes) {
    const obstacle = nodeObstacle(room, more, all);
    if (obstacle) return obstacle;
  }
  return undefined;
}

/**
 * What other pods leave of a node is a limit only if the run fits into it. If it does not, the end of other runs would not
 * help: the scheduler places its pods elsewhere, or its message becomes the result.
 */
function nodeObstacle(room: NodeRoom, more: PodAmount, used: PodAmount): WaitsFor | undefined {
  const { free } = room;
  if (more.cpu <= free.cpu && exceeds(used.cpu, more.cpu, free.cpu)) return "NodeCPU";
  if (more.pods <= free.pods && exceeds(used.pods, more.pods, free.pods)) return "NodePods";
  return exceeds(used.starts, more.starts, startsOf(room).ofAll) ? "NodeStarts" : undefined;
}

/** How many pods may start on a node at the same time. */
const startsOf = ({ cpu }: NodeRoom) => ({
  ofAll: Math.floor((cpu * STARTS_PER_CORE) / 1_000),
  ofNamespace: Math.floor((cpu * STARTS_PER_CORE_AND_NAMESPACE) / 1_000),
});

const exceeds = (used: number, more: number, limit: number) => used > 0 && used + more > limit;
