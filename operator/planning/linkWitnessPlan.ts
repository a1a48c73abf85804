import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { RUNNER_PORT } from "../../probes/nodeContact.ts";
import { linksOf, type NodeLink } from "./nodeLinks.ts";
import type { PodGroup } from "./podAssignment.ts";
import { witnessPods, type WitnessPath } from "./witnessPods.ts";

/**
 * Plans the witnesses of the links that the paths of a run need: a listening pod on each target node, and a
 * connecting pod on each source node. The address of a listener is known only when it runs, so the path has its name
 * and no address.
 */
export function linkWitnessPods(asking: readonly PlannedPath[], id: string): PodGroup<WitnessPath>[] {
  const links = [...new Map(asking.flatMap(linksOf).map((link) => [JSON.stringify(link), link])).values()];
  const onPodNetwork = (node: string, items: readonly WitnessPath[]) =>
    witnessPods(id, { node, podNetwork: true }, items);
  const listening = [...new Set(links.map(({ to }) => to))].toSorted();
  const connecting = [...Map.groupBy(links, ({ from }) => from)];
  return [
    ...listening.map((node) => onPodNetwork(node, [])),
    ...connecting.map(([node, group]) => onPodNetwork(node, group.map(linkPath))),
  ];
}

/** The pod that listens has its name when all pods have theirs. */
function linkPath({ from, to, family }: NodeLink): WitnessPath {
  return {
    from: `Node/${from}`,
    to: `Node/${to}`,
    kind: "Pod",
    check: { tool: "tcp", family, port: RUNNER_PORT, provesSource: false },
    backends: [{ name: "", uid: "", node: to, hostNetwork: false, readinessOnPort: false }],
    backendCount: 1,
  };
}
