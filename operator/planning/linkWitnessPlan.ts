import type { PlannedPath, PlannedPod } from "../../crds/proberun.ts";
import { RUNNER_PORT } from "../../probes/pod.ts";
import { podName } from "./names.ts";
import { wiresOf, type Wire } from "./nodeLinks.ts";
import { shard } from "./shards.ts";

interface Numbering {
  /** Of the look. */
  readonly id: string;
  /** How many pods and paths the plan has already. */
  readonly pods: number;
  readonly paths: number;
}

interface Fabric {
  readonly pods: readonly PlannedPod[];
  readonly paths: readonly Omit<PlannedPath, "expectation">[];
}

/**
 * The witnesses of the wires that the paths of a run ask for: on each far node a pod that listens, on each near one a pod
 * that connects to those. Where a listener is will be known only when it runs, so the path names it and has no address.
 */
export function planFabric(asking: readonly PlannedPath[], { id, ...taken }: Numbering): Fabric {
  const wires = [...new Map(asking.flatMap(wiresOf).map((wire) => [JSON.stringify(wire), wire])).values()];
  const podOn = (node: string, place: number): PlannedPod => ({
    name: podName({ role: "witness", id, of: node, index: taken.pods + place }),
    source: `Node/${node}`,
    sourceNodes: 1,
    witness: { node, podNetwork: true },
  });
  const listeners = new Map(
    [...new Set(wires.map(({ to }) => to))].toSorted().map((node, place) => [node, podOn(node, place)]),
  );
  const byNode = [...Map.groupBy(wires, ({ from }) => from).values()];
  const shards = byNode.flatMap((group) => shard(group, () => undefined));
  const dealt = shards.map((group, place) => ({
    pod: podOn(group[0]?.from ?? "", listeners.size + place),
    group,
  }));
  const numbered = dealt.flatMap(({ pod, group }) => group.map((wire) => ({ pod: pod.name, wire })));
  return {
    pods: [...listeners.values(), ...dealt.map(({ pod }) => pod)],
    paths: numbered.map(({ pod, wire }, place) =>
      wirePath(wire, { pod, id: taken.paths + place, listener: listeners.get(wire.to)?.name ?? "" }),
    ),
  };
}

interface Place {
  readonly id: number;
  readonly pod: string;
  readonly listener: string;
}

function wirePath({ from, to, family }: Wire, { id, pod, listener }: Place): Fabric["paths"][number] {
  return {
    id,
    expect: "Allowed",
    from: `Node/${from}`,
    to: `Node/${to}`,
    kind: "Pod",
    pod,
    check: { path: id, tool: "tcp", family, port: RUNNER_PORT, signOfLife: false },
    backends: [{ name: listener, uid: "", node: to, hostNetwork: false, readinessOnPort: false }],
    backendCount: 1,
  };
}
