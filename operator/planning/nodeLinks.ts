import { nodesBehind } from "../../crds/proberun/backend.ts";
import type { PlannedPath, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { Family } from "../../crds/vocabulary.ts";

/** The network between two nodes, in one family: from a node to another one. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
}

type Planned = Pick<ProbeRunSpec, "pods" | "paths">;

/**
 * The paths, with the node from which witnesses on the pod network are to show that the wire is up: that of the probe, as
 * far as it is known before it is scheduled. Asked for where a denial leads to another node and no path of the plan that
 * ought to be open leads there.
 */
export function withFabric({ pods, paths }: Planned): PlannedPath[] {
  const nodes = new Map(pods.map(({ name, twin, node }) => [name, twin?.nodeName ?? node]));
  const nodeOf = ({ pod }: PlannedPath) => nodes.get(pod);
  const used = new Set(paths.flatMap((path) => sureWireOf(path, nodeOf(path))));
  return paths.map((path) => {
    const fabric = path.expect === "Denied" ? nodeOf(path) : undefined;
    const isAsked = wiresOf({ ...path, fabric }).some((wire) => !used.has(keyOf(wire)));
    return { ...path, fabric: isAsked ? fabric : undefined };
  });
}

/** The wires that a path asks for; each leads to another node. */
export function wiresOf({ fabric, backends, check: { family } }: PlannedPath): Wire[] {
  if (fabric === undefined) return [];
  const far = nodesBehind(backends).filter((node) => node !== fabric);
  return far.map((to) => ({ from: fabric, to, family }));
}

/** The one wire that a path surely goes over if it is open: not by chance, and on the pod network. */
function sureWireOf({ expect, backends, check }: PlannedPath, from: string | undefined): string[] {
  const [to, ...others] = nodesBehind(backends);
  const isSure = others.length === 0 && backends.every(({ hostNetwork }) => !hostNetwork);
  if (expect !== "Allowed" || from === undefined || to === undefined || !isSure) return [];
  return [keyOf({ from, to, family: check.family })];
}

/** A connection takes both directions, so either will do. */
const keyOf = ({ from, to, family }: Wire) => `${[from, to].toSorted().join(" ")} ${family}`;

/** Whether it is there to be reached by other witnesses, and asks nothing itself. */
export function isListener({ name, witness }: PlannedPod, paths: readonly PlannedPath[]): boolean {
  return witness?.podNetwork === true && !paths.some(({ pod }) => pod === name);
}
