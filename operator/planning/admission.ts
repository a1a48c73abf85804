import type { WaitsFor } from "../../crds/teststatus.ts";
import type { NodeRoom } from "../cluster/nodeAdmission.ts";
import type { PodDemand } from "./podDemand.ts";
import { isBefore, type QueuedRun } from "./queuedRuns.ts";

/**
 * How many pods of runs in progress a node has at once, for each core that it offers. Their requests alone do not bound the load of
 * many starts: a pod of one check requests 15m, but its start takes a third of a second of CPU (kubelet, runtime, network
 * plugin, Node.js).
 */
const PODS_PER_CORE = 20;

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
  readonly pods: readonly PodDemand[];
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
 * Decides on the next run of each namespace. The result is in the order of their turns: the namespace whose last run was admitted first is next. A run that waits for a node or for the limit of the cluster
 * keeps the room that it needs there from all runs after it, so a large run is not overtaken permanently. One that waits for the limit of
 * its own namespace keeps nothing from others.
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
    const run = { namespace, pods };
    const isBehind = obstacleTo(run, claimed, state) !== undefined;
    const decision = obstacleTo(run, used, state) ?? (isBehind ? "EarlierRuns" : "Start");
    decisions.set(key, decision);
    if (decision !== "NamespaceLimit") add(claimed, run);
    if (decision === "Start") add(used, run);
  }
  return decisions;
}

function queuedByTurn({ next, served }: AdmissionState): QueuedRun[] {
  const turns = new Map(served.map((namespace, turn) => [namespace, turn]));
  const turnOf = ({ namespace }: QueuedRun) => turns.get(namespace) ?? -1;
  return next.toSorted((one, other) => turnOf(one) - turnOf(other) || (isBefore(one, other) ? -1 : 1));
}

/** An amount of pods and their CPU requests in thousandths of a core. */
interface PodAmount {
  readonly pods: number;
  readonly cpu: number;
}

interface Usage {
  pods: number;
  readonly namespaces: Map<string, number>;
  readonly nodes: Map<string, PodAmount>;
}

function totalUsage(runs: readonly AdmittedRun[]): Usage {
  const usage: Usage = { pods: 0, namespaces: new Map(), nodes: new Map() };
  for (const run of runs) add(usage, run);
  return usage;
}

function add(usage: Usage, { namespace, pods }: AdmittedRun): void {
  usage.pods += pods.length;
  usage.namespaces.set(namespace, (usage.namespaces.get(namespace) ?? 0) + pods.length);
  addByNode(usage.nodes, pods);
}

function addByNode(amounts: Map<string, PodAmount>, demands: readonly PodDemand[]): void {
  for (const { node, cpu } of demands) {
    if (node === undefined) continue;
    const before = amounts.get(node) ?? { pods: 0, cpu: 0 };
    amounts.set(node, { pods: before.pods + 1, cpu: before.cpu + cpu });
  }
}

function obstacleTo(
  { namespace, pods }: AdmittedRun,
  usage: Usage,
  { limits, nodes }: AdmissionState,
): WaitsFor | undefined {
  const ofNamespace = usage.namespaces.get(namespace) ?? 0;
  if (exceeds(ofNamespace, pods.length, limits.podsPerNamespace)) return "NamespaceLimit";
  if (exceeds(usage.pods, pods.length, limits.pods)) return "ClusterLimit";
  const amounts = new Map<string, PodAmount>();
  addByNode(amounts, pods);
  for (const [node, more] of amounts) {
    const room = nodes.get(node);
    const used = usage.nodes.get(node);
    if (!room || !used) continue;
    const limit = nodeLimit(room, more);
    if (exceeds(used.cpu, more.cpu, limit.cpu)) return "NodeCPU";
    if (exceeds(used.pods, more.pods, limit.pods)) return "NodePods";
  }
  return undefined;
}

const exceeds = (used: number, more: number, limit: number) => used > 0 && used + more > limit;

/**
 * What other pods leave of a node is a limit only if the run fits into it. If it does not, the end of other runs would not
 * help: the scheduler places its pods elsewhere, or its message becomes the result.
 */
function nodeLimit({ cpu, free }: NodeRoom, more: PodAmount): PodAmount {
  const starts = Math.floor((cpu * PODS_PER_CORE) / 1_000);
  return {
    cpu: more.cpu <= free.cpu ? free.cpu : Infinity,
    pods: Math.min(starts, more.pods <= free.pods ? free.pods : Infinity),
  };
}
