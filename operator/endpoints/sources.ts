import type { ExpectationSource } from "../../crds/expectation.ts";
import { PASSED_GATE } from "../../crds/group.ts";
import { byAge } from "../../crds/metadata.ts";
import { MAX_SOURCES_PER_WORKLOAD, type SourceSelector } from "../../crds/proberun/plannedpath.ts";
import type { Problem } from "../../crds/reasons.ts";
import { familyOf, type Family } from "../../crds/vocabulary.ts";
import {
  matchingPods,
  noPodsProblem,
  selectPods,
  sourceSelection,
  type SelectedPod,
} from "../cluster/podSelection.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadName } from "../cluster/workload.ts";
import { hasCondition, isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";
import { groupByPolicies, sourceName, type SourceGroup } from "./sourceGroups.ts";
import { describeUnusablePods } from "./unusableSources.ts";

/** A source of an expectation. */
interface AnySource {
  /** The name for users: `Deployment/ui`, `StatefulSet/db (role=primary)`, `Node/worker-1`. */
  readonly name: string;
  /** The node that the probe pod prefers, or is pinned to. */
  readonly node: string;
  /** The families that it supports. */
  readonly families: ReadonlySet<Family>;
  /** The number of nodes that the source runs on. */
  readonly nodes: number;
}

/** The pods of a workload that policies do not distinguish, with one to copy the twin from. */
export interface WorkloadSource extends AnySource {
  readonly pod: WorkloadPod;
  /** Selects its pods among those of its workload. Undefined: all pods of the workload. */
  readonly selector?: SourceSelector;
  /** Every pod of it that the expectation selects, that runs, and that is on the pod network; if none runs, those that start. */
  readonly pods: readonly WorkloadPod[];
  /** The `namespace/name` of the ProbeGrant that lets the test use the pod. */
  readonly grant?: string;
}

/** A node itself, which has no twin. */
export interface NodeSource extends AnySource {
  readonly pod?: undefined;
  readonly selector?: undefined;
  readonly grant?: undefined;
}

export type Source = WorkloadSource | NodeSource;

export interface FoundSources {
  readonly sources: readonly Source[];
  readonly findings: readonly Problem[];
}

export interface SourceQuery {
  readonly from: ExpectationSource;
  /** The test's own namespace; "" for a test without one. */
  readonly own: string;
  readonly snapshot: ClusterSnapshot;
  /** Changes with each run: each run prefers another of the source's nodes. */
  readonly rotation: number;
}

type PodQuery = Omit<SourceQuery, "rotation">;

/**
 * Returns the sources of an expectation, each with one of its pods: the distinct workloads. A workload with pods that
 * policies distinguish is several sources.
 */
export function findSources(query: SourceQuery): FoundSources {
  const { from, snapshot, rotation } = query;
  if (from.node !== undefined) return nodeSource(from.node, snapshot);
  const workloads = podsOfWorkloads(query);
  if (workloads.size === 0) return { sources: [], findings: [noSourceProblem(query)] };
  const found = [...workloads].map(([workload, pods]) => sourcesOf({ workload, pods, snapshot, rotation }));
  return {
    sources: found.flatMap(({ sources }) => sources),
    findings: found.flatMap(({ findings }) => findings),
  };
}

/** The workloads that an expectation selects, by name, each with the pods that a twin can be copied from. */
export function podsOfWorkloads({
  from,
  own,
  snapshot,
}: PodQuery): ReadonlyMap<string, readonly SelectedPod[]> {
  const matching = from.node === undefined ? selectPods(sourceSelection(from), { own, ...snapshot }) : [];
  const owners = snapshot.replicaSetOwners;
  const byWorkload = Map.groupBy(matching, ({ pod }) => workloadName(pod, { owners, own }));
  const sorted = [...byWorkload].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return new Map(sorted.map(([workload, pods]) => [workload, podsToCopy(pods)]));
}

function noSourceProblem({ from, own, snapshot }: PodQuery): Problem {
  const selection = sourceSelection(from);
  const scope = { own, ...snapshot };
  const problem = noPodsProblem(selection, scope);
  const unusable = describeUnusablePods(
    matchingPods(selection, scope).map(({ pod }) => pod),
    own,
  );
  return { ...problem, message: unusable === "" ? problem.message : `${problem.message}; ${unusable}` };
}

function podsToCopy(pods: readonly SelectedPod[]): readonly SelectedPod[] {
  const eligible = pods.filter(({ pod: { spec } }) => !spec.hostNetwork);
  const running = eligible.filter(({ pod }) => isRunning(pod));
  return running.length === 0 ? eligible : running;
}

interface Workload extends Pick<SourceQuery, "snapshot" | "rotation"> {
  readonly workload: string;
  readonly pods: readonly SelectedPod[];
}

function sourcesOf({ workload, pods, snapshot, rotation }: Workload): FoundSources {
  if (pods.length === 0) {
    const message = `${workload} runs on the host network, so a probe pod cannot have its network identity`;
    return { sources: [], findings: [{ reason: "SourceNotReproducible", message }] };
  }
  const all = groupByPolicies(pods, snapshot)
    .map(({ selector, ...group }) => ({
      name: sourceName(workload, selector),
      ...(selector && { selector }),
      ...group,
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const tested = all.slice(0, MAX_SOURCES_PER_WORKLOAD);
  // Policies treat the others differently, so the results of these are not theirs.
  const omitted = `policies distinguish ${all.length} sources in ${workload}; ${tested.length} of ${all.length} are tested`;
  return {
    sources: tested.map((group) => oneSource(group, rotation)),
    findings: tested.length === all.length ? [] : [{ reason: "SourceNotReproducible", message: omitted }],
  };
}

/** A node as the source: the checks run on its own network, which no policy for pods applies to. */
function nodeSource(name: string, { nodes }: Pick<ClusterSnapshot, "nodes">): FoundSources {
  const source = `Node/${name}`;
  const node = nodes?.find((one) => one.name === name);
  if (node === undefined)
    return { sources: [], findings: [{ reason: "SourceNotFound", message: `${source} does not exist` }] };
  return {
    sources: [{ name: source, node: name, families: new Set(node.internal.keys()), nodes: 1 }],
    findings: [],
  };
}

interface NamedGroup extends SourceGroup {
  readonly name: string;
}

function oneSource({ pods, ...named }: NamedGroup, rotation: number): WorkloadSource {
  const byNode = Map.groupBy(podsToTry(pods), ({ pod }) => pod.spec.nodeName);
  const nodes = [...byNode.keys()].toSorted();
  const [chosen] = (byNode.get(nodes[rotation % nodes.length] ?? "") ?? []).toSorted((one, other) =>
    one.pod.metadata.name < other.pod.metadata.name ? -1 : 1,
  );
  if (chosen === undefined) throw new Error(`${named.name}: a source has at least one pod`);
  const { spec, status } = chosen.pod;
  return {
    ...named,
    ...chosen,
    node: spec.nodeName,
    families: new Set(status.podIPs.map(({ ip }) => familyOf(ip))),
    pods: pods.map(({ pod }) => pod),
    nodes: new Set(pods.map(({ pod }) => pod.spec.nodeName)).size,
  };
}

/**
 * The pods that a twin is copied from: of those that wait for their readiness gate the newest, because the result decides about its
 * revision, which may have another service account than the pods before it.
 */
function podsToTry(pods: readonly SelectedPod[]): readonly SelectedPod[] {
  const waiting = pods.filter(({ pod }) => waitsForGate(pod));
  if (waiting.length === 0) return pods;
  return waiting.toSorted((one, other) => byAge(one.pod.metadata, other.pod.metadata)).slice(-1);
}

const waitsForGate = (pod: WorkloadPod) =>
  pod.spec.readinessGates.some(({ conditionType }) => conditionType === PASSED_GATE) &&
  !hasCondition(pod, PASSED_GATE);
