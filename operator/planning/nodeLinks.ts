import { backendNodes } from "../../crds/proberun/backend.ts";
import type { PlannedPath, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { Family } from "../../crds/vocabulary.ts";

/** The network between two nodes, in one family: from a node to another one. */
export interface NodeLink {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
}

type PlannedPaths = Pick<ProbeRunSpec, "pods" | "paths">;

/**
 * The paths, with the node from which witnesses on the pod network are to show that the wire is up: that of the probe, as
 * far as it is known before it is scheduled. Asked for where a denial leads to another node and no path of the plan that
 * ought to be open leads there.
 */
export function withLinkWitnesses({ pods, paths }: PlannedPaths): PlannedPath[] {
  const nodes = new Map(pods.map(({ name, twin, node }) => [name, twin?.nodeName ?? node]));
  const nodeOf = ({ pod }: PlannedPath) => nodes.get(pod);
  const used = new Set(paths.flatMap((path) => certainLinkOf(path, nodeOf(path))));
  return paths.map((path) => {
    const linkWitness = path.expect === "Denied" ? nodeOf(path) : undefined;
    const isAsked = linksOf({ ...path, linkWitness }).some((link) => !used.has(linkKey(link)));
    return { ...path, linkWitness: isAsked ? linkWitness : undefined };
  });
}

/** The wires that a path asks for; each leads to another node. */
export function linksOf({ linkWitness, backends, check: { family } }: PlannedPath): NodeLink[] {
  if (linkWitness === undefined) return [];
  const far = backendNodes(backends).filter((node) => node !== linkWitness);
  return far.map((to) => ({ from: linkWitness, to, family }));
}

/** The one wire that a path surely goes over if it is open: not by chance, and on the pod network. */
function certainLinkOf({ expect, backends, check }: PlannedPath, from: string | undefined): string[] {
  const [to, ...others] = backendNodes(backends);
  const isSure = others.length === 0 && backends.every(({ hostNetwork }) => !hostNetwork);
  if (expect !== "Allowed" || from === undefined || to === undefined || !isSure) return [];
  return [linkKey({ from, to, family: check.family })];
}

/** A connection takes both directions, so either will do. */
const linkKey = ({ from, to, family }: NodeLink) => `${[from, to].toSorted().join(" ")} ${family}`;

/** Whether it is there to be reached by other witnesses, and asks nothing itself. */
export function isListener({ name, witness }: PlannedPod, paths: readonly PlannedPath[]): boolean {
  return witness?.podNetwork === true && !paths.some(({ pod }) => pod === name);
}
