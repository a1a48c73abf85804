import type { PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { resourcesFor } from "../../probes/pod/resources.ts";
import { parseQuantity } from "../cluster/quantity.ts";
import { planWitnesses, type PlannedRun } from "./witnessPlan.ts";

/** The demand of one pod on the node that it is planned for. */
export interface PodDemand {
  /** Undefined if the scheduler alone chooses it. */
  readonly node: string | undefined;
  /** Its request, in thousandths of a core. */
  readonly cpu: number;
}

/** The demand of a pod of a plan. */
export interface PlannedDemand extends PodDemand {
  readonly name: string;
}

/** A pod of a run in progress. */
export interface PodInProgress extends PodDemand {
  /** Whether it is being started, or about to be created. */
  readonly isStarting: boolean;
}

/** Returns the demand of the probe pods of a run, also those in other namespaces, and of its witnesses. */
export function podDemandsOf(run: PlannedRun): PlannedDemand[] {
  const witnesses = planWitnesses(run);
  return [run.spec, ...(witnesses ? [witnesses] : [])].flatMap((spec) =>
    spec.pods.map((pod) => ({ name: pod.name, node: plannedNodeOf(pod), cpu: cpuOf(pod, spec) })),
  );
}

/** A twin prefers the node of its source, unless it must not run there. */
function plannedNodeOf({ node, witness, twin, awayFrom = [] }: PlannedPod): string | undefined {
  const planned = node ?? witness?.node ?? twin?.nodeName;
  return planned !== undefined && awayFrom.includes(planned) ? undefined : planned;
}

function cpuOf({ name, resources }: PlannedPod, { paths }: ProbeRunSpec): number {
  const checks = paths.filter(({ pod }) => pod === name).length;
  return Math.ceil(parseQuantity(resources?.requests["cpu"] ?? resourcesFor(checks).requests.cpu) * 1_000);
}
