import { selects, type LabelSelector } from "../crds/selector.ts";
import { familyOf } from "../crds/words.ts";
import { isRunning, type WorkloadPod } from "./pod.ts";
import type { Problem } from "./problem.ts";
import type { Surroundings } from "./surroundings.ts";
import { workloadOf } from "./workload.ts";

/** A workload that an expectation names as its source, with a running pod to take the twin from. */
export interface Source {
  readonly workload: string;
  readonly pod: WorkloadPod;
  /** Every running pod of it that the expectation means and that is on the pod network. */
  readonly pods: readonly WorkloadPod[];
  /** On how many nodes the workload runs. */
  readonly nodes: number;
}

export interface FoundSources {
  readonly sources: readonly Source[];
  readonly findings: readonly Problem[];
}

export interface SourceQuestion {
  readonly selector: LabelSelector;
  readonly namespace: string;
  readonly surroundings: Surroundings;
  /** Changes from run to run: another of the source's nodes is preferred each time. */
  readonly rotation: number;
}

/** The distinct workloads behind a selector, each with one running pod of it. */
export function findSources({ selector, namespace, surroundings, rotation }: SourceQuestion): FoundSources {
  const matching = (surroundings.pods.get(namespace) ?? []).filter(
    (pod) => isRunning(pod) && selects(selector, pod.metadata.labels),
  );
  if (matching.length === 0) {
    return {
      sources: [],
      findings: [{ reason: "SourceNotFound", message: "no running pod matches the source's podSelector" }],
    };
  }
  const byWorkload = Map.groupBy(matching, (pod) => workloadOf(pod, surroundings.replicaSetOwners));
  const found = [...byWorkload].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    sources: found.flatMap(([workload, pods]) => {
      const imitable = pods.filter(({ spec }) => !spec.hostNetwork);
      return imitable.length === 0 ? [] : [oneSource(workload, imitable, rotation)];
    }),
    findings: found.flatMap(([workload, pods]) =>
      pods.every(({ spec }) => spec.hostNetwork)
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

function oneSource(workload: string, pods: readonly WorkloadPod[], rotation: number): Source {
  const byNode = Map.groupBy(pods, ({ spec }) => spec.nodeName);
  const nodes = [...byNode.keys()].toSorted();
  const [pod] = (byNode.get(nodes[rotation % nodes.length] ?? "") ?? []).toSorted((one, other) =>
    one.metadata.name < other.metadata.name ? -1 : 1,
  );
  if (pod === undefined) throw new Error(`${workload}: a source has at least one pod`);
  return { workload, pod, pods, nodes: nodes.length };
}

/** The families in which a twin of the pod can speak at all. */
export function familiesOf({ status }: WorkloadPod) {
  return new Set(status.podIPs.map(({ ip }) => familyOf(ip)));
}
