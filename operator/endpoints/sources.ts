import type { ExpectationSource } from "../../crds/expectation.ts";
import type { Problem } from "../../crds/reasons.ts";
import { familyOf, type Family } from "../../crds/words.ts";
import { nobodyReached, reachedPods, sourcesOf, type ReachedPod } from "../cluster/podSelection.ts";
import type { Surroundings } from "../cluster/snapshot.ts";
import { workloadName } from "../cluster/workload.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";

/** Who an expectation says is to try it. */
interface AnySource {
  /** As people name it: `Deployment/ui`, `Node/worker-1`. */
  readonly workload: string;
  /** Where the probe is to run. */
  readonly node: string;
  /** The families in which it can speak at all. */
  readonly families: ReadonlySet<Family>;
  /** On how many nodes the source runs. */
  readonly nodes: number;
}

/** A workload, with a running pod to take the twin from. */
export interface WorkloadSource extends AnySource {
  readonly pod: WorkloadPod;
  /** Every running pod of it that the expectation means and that is on the pod network. */
  readonly pods: readonly WorkloadPod[];
  /** The `namespace/name` of the ProbeGrant that lets the test use the pod. */
  readonly grant?: string;
}

/** A node itself, which nobody imitates. */
export interface NodeSource extends AnySource {
  readonly pod?: undefined;
  readonly grant?: undefined;
}

export type Source = WorkloadSource | NodeSource;

export interface FoundSources {
  readonly sources: readonly Source[];
  readonly findings: readonly Problem[];
}

export interface SourceQuestion {
  readonly from: ExpectationSource;
  /** The test's own namespace; "": it has none. */
  readonly own: string;
  readonly surroundings: Surroundings;
  /** Changes from run to run: another of the source's nodes is preferred each time. */
  readonly rotation: number;
}

/** The distinct workloads that an expectation names as its sources, each with one running pod of it. */
export function findSources({ from, own, surroundings, rotation }: SourceQuestion): FoundSources {
  if (from.node !== undefined) return nodeSource(from.node, surroundings);
  const selection = sourcesOf(from);
  const matching = reachedPods(selection, { own, ...surroundings });
  if (matching.length === 0) {
    return { sources: [], findings: [nobodyReached(selection, { own, ...surroundings })] };
  }
  const owners = surroundings.replicaSetOwners;
  const byWorkload = Map.groupBy(matching, ({ pod }) => workloadName(pod, { owners, own }));
  const found = [...byWorkload].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    sources: found.flatMap(([workload, pods]) => {
      const imitable = pods.filter(({ pod: { spec } }) => !spec.hostNetwork);
      return imitable.length === 0 ? [] : [oneSource(workload, imitable, rotation)];
    }),
    findings: found.flatMap(([workload, pods]) =>
      pods.every(({ pod: { spec } }) => spec.hostNetwork)
        ? [
            {
              reason: "SourceNotReproducible",
              message: `${workload} runs on the host network: it has no identity of its own that a probe pod could carry`,
            } as const,
          ]
        : [],
    ),
  };
}

/** A node as the source: what is tried is tried from its own network, whose traffic no policy about pods is for. */
function nodeSource(name: string, { nodes }: Pick<Surroundings, "nodes">): FoundSources {
  const workload = `Node/${name}`;
  const node = nodes?.find((one) => one.name === name);
  if (node === undefined)
    return { sources: [], findings: [{ reason: "SourceNotFound", message: `${workload} does not exist` }] };
  return {
    sources: [{ workload, node: name, families: new Set(node.internal.keys()), nodes: 1 }],
    findings: [],
  };
}

function oneSource(workload: string, reached: readonly ReachedPod[], rotation: number): WorkloadSource {
  const byNode = Map.groupBy(reached, ({ pod }) => pod.spec.nodeName);
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
    pods: reached.map(({ pod }) => pod),
    nodes: nodes.length,
  };
}
