import type { Check, PlannedPath, PlannedPod } from "../../crds/proberun/proberun.ts";
import { podName } from "./names.ts";
import type { PodGroup } from "./podAssignment.ts";

/** What a witness tries, before it has a number and a pod. */
export interface WitnessPath extends Pick<PlannedPath, "from" | "to" | "kind" | "backends" | "backendCount"> {
  readonly check: Omit<Check, "path">;
}

/** The witness pods of one node, on its own network or on the pod network, and what they try. */
export function witnessPods(
  id: string,
  witness: NonNullable<PlannedPod["witness"]>,
  items: readonly WitnessPath[],
): PodGroup<WitnessPath> {
  const { node } = witness;
  return {
    items,
    podFor: (index) => ({
      name: podName({ role: "witness", id, of: node, index }),
      source: `Node/${node}`,
      sourceNodes: 1,
      witness,
    }),
  };
}
