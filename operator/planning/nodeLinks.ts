import { backendNodes } from "../../crds/proberun/backend.ts";
import type { PlannedPath, PlannedPod, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { Family } from "../../crds/vocabulary.ts";

/** A link: the network between two nodes, in one family, from one node to another. */
export interface NodeLink {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
}

interface PlannedPaths extends Pick<ProbeRunSpec, "pods" | "paths"> {
  /** The ids of paths that were closed in the first run. Default: none. */
  readonly closed?: ReadonlySet<number>;
}

/**
 * Returns the paths, with the node whose witness on the pod network proves the link: that of the probe pod, as far as
 * it is known before scheduling. It is set if a denied path leads to another node and no path with `expect: Allowed`
 * in the plan does, except those that were closed before.
 */
export function withLinkWitnesses({ pods, paths, closed = new Set() }: PlannedPaths): PlannedPath[] {
  const nodes = new Map(pods.map(({ name, twin, node }) => [name, twin?.nodeName ?? node]));
  const nodeOf = ({ pod }: PlannedPath) => nodes.get(pod);
  const used = new Set(
    paths.flatMap((path) => (closed.has(path.id) ? [] : certainLinkOf(path, nodeOf(path)))),
  );
  return paths.map((path) => {
    const linkWitness = path.expect === "Denied" ? nodeOf(path) : undefined;
    const isAsked = linksOf({ ...path, linkWitness }).some((link) => !used.has(linkKey(link)));
    return { ...path, linkWitness: isAsked ? linkWitness : undefined };
  });
}

/** The links that a path needs; each leads to another node. */
export function linksOf({ linkWitness, backends, check: { family } }: PlannedPath): NodeLink[] {
  if (linkWitness === undefined) return [];
  const far = backendNodes(backends).filter((node) => node !== linkWitness);
  return far.map((to) => ({ from: linkWitness, to, family }));
}

/** The one link that an open path proves: it is not chosen by chance, and is on the pod network. */
function certainLinkOf({ expect, backends, check }: PlannedPath, from: string | undefined): string[] {
  const [to, ...others] = backendNodes(backends);
  const isSure = others.length === 0 && backends.every(({ hostNetwork }) => !hostNetwork);
  if (expect !== "Allowed" || from === undefined || to === undefined || !isSure) return [];
  return [linkKey({ from, to, family: check.family })];
}

/** A connection needs both directions, so either proves the link. */
const linkKey = ({ from, to, family }: NodeLink) => `${[from, to].toSorted().join(" ")} ${family}`;

/** Whether the pod only listens for other witnesses. */
export function isListener({ name, witness }: PlannedPod, paths: readonly PlannedPath[]): boolean {
  return witness?.podNetwork === true && !paths.some(({ pod }) => pod === name);
}
