import type { ExpectationSource } from "../../crds/expectation.ts";
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
import { isRunning, type WorkloadPod } from "../cluster/workloadPod.ts";
import { describeUnusablePods } from "./unusableSources.ts";

/** A source of an expectation. */
interface AnySource {
  /** The name for users: `Deployment/ui`, `Node/worker-1`. */
  readonly workload: string;
  /** The node that the probe pod prefers, or is pinned to. */
  readonly node: string;
  /** The families that it supports. */
  readonly families: ReadonlySet<Family>;
  /** The number of nodes that the source runs on. */
  readonly nodes: number;
}

/** A workload, with a pod to copy the twin from. */
export interface WorkloadSource extends AnySource {
  readonly pod: WorkloadPod;
  /** Every pod of it that the expectation selects, that runs, and that is on the pod network; if none runs, those that start. */
  readonly pods: readonly WorkloadPod[];
  /** The `namespace/name` of the ProbeGrant that lets the test use the pod. */
  readonly grant?: string;
}

/** A node itself, which has no twin. */
export interface NodeSource extends AnySource {
  readonly pod?: undefined;
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

/** Returns the distinct workloads that are the sources of an expectation, each with one of its pods. */
export function findSources({ from, own, snapshot, rotation }: SourceQuery): FoundSources {
  if (from.node !== undefined) return nodeSource(from.node, snapshot);
  const selection = sourceSelection(from);
  const scope = { own, ...snapshot };
  const matching = selectPods(selection, scope);
  if (matching.length === 0) {
    const problem = noPodsProblem(selection, scope);
    const unusable = describeUnusablePods(
      matchingPods(selection, scope).map(({ pod }) => pod),
      own,
    );
    const message = unusable === "" ? problem.message : `${problem.message}; ${unusable}`;
    return { sources: [], findings: [{ ...problem, message }] };
  }
  const owners = snapshot.replicaSetOwners;
  const byWorkload = Map.groupBy(matching, ({ pod }) => workloadName(pod, { owners, own }));
  const found = [...byWorkload].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    sources: found.flatMap(([workload, pods]) => {
      const eligible = pods.filter(({ pod: { spec } }) => !spec.hostNetwork);
      const running = eligible.filter(({ pod }) => isRunning(pod));
      const preferred = running.length === 0 ? eligible : running;
      return preferred.length === 0 ? [] : [oneSource(workload, preferred, rotation)];
    }),
    findings: found.flatMap(([workload, pods]) =>
      pods.every(({ pod: { spec } }) => spec.hostNetwork)
        ? [
            {
              reason: "SourceNotReproducible",
              message: `${workload} runs on the host network, so a probe pod cannot have its network identity`,
            } as const,
          ]
        : [],
    ),
  };
}

/** A node as the source: the checks run on its own network, which no policy for pods applies to. */
function nodeSource(name: string, { nodes }: Pick<ClusterSnapshot, "nodes">): FoundSources {
  const workload = `Node/${name}`;
  const node = nodes?.find((one) => one.name === name);
  if (node === undefined)
    return { sources: [], findings: [{ reason: "SourceNotFound", message: `${workload} does not exist` }] };
  return {
    sources: [{ workload, node: name, families: new Set(node.internal.keys()), nodes: 1 }],
    findings: [],
  };
}

function oneSource(workload: string, selected: readonly SelectedPod[], rotation: number): WorkloadSource {
  const byNode = Map.groupBy(selected, ({ pod }) => pod.spec.nodeName);
  const nodes = [...byNode.keys()].toSorted();
  const [chosen] = (byNode.get(nodes[rotation % nodes.length] ?? "") ?? []).toSorted((one, other) =>
    one.pod.metadata.name < other.pod.metadata.name ? -1 : 1,
  );
  if (chosen === undefined) throw new Error(`${workload}: a source has at least one pod`);
  const { spec, status } = chosen.pod;
  return {
    workload,
    ...chosen,
    node: spec.nodeName,
    families: new Set(status.podIPs.map(({ ip }) => familyOf(ip))),
    pods: selected.map(({ pod }) => pod),
    nodes: nodes.length,
  };
}
