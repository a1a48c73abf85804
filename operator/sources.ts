import type { ExpectationSource } from "../crds/expectation.ts";
import { familyOf } from "../crds/words.ts";
import type { WorkloadPod } from "./pod.ts";
import type { Problem } from "./problem.ts";
import { nobodyReached, reachedPods, sourcesOf, type ReachedPod } from "./reach.ts";
import type { Surroundings } from "./surroundings.ts";
import { workloadName } from "./workload.ts";

/** A workload that an expectation names as its source, with a running pod to take the twin from. */
export interface Source {
  readonly workload: string;
  readonly pod: WorkloadPod;
  /** Every running pod of it that the expectation means and that is on the pod network. */
  readonly pods: readonly WorkloadPod[];
  /** On how many nodes the workload runs. */
  readonly nodes: number;
  /** The `namespace/name` of the ProbeGrant that lets the test use the pod. */
  readonly grant?: string;
}

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

function oneSource(workload: string, reached: readonly ReachedPod[], rotation: number): Source {
  const byNode = Map.groupBy(reached, ({ pod }) => pod.spec.nodeName);
  const nodes = [...byNode.keys()].toSorted();
  const [chosen] = (byNode.get(nodes[rotation % nodes.length] ?? "") ?? []).toSorted((one, other) =>
    one.pod.metadata.name < other.pod.metadata.name ? -1 : 1,
  );
  if (chosen === undefined) throw new Error(`${workload}: a source has at least one pod`);
  return { workload, ...chosen, pods: reached.map(({ pod }) => pod), nodes: nodes.length };
}

/** The families in which a twin of the pod can speak at all. */
export function familiesOf({ status }: WorkloadPod) {
  return new Set(status.podIPs.map(({ ip }) => familyOf(ip)));
}
