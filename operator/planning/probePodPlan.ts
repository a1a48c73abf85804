import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { nodeToAvoid } from "../../crds/proberun/backend.ts";
import type { PlannedPod } from "../../crds/proberun/proberun.ts";
import type { Family } from "../../crds/vocabulary.ts";
import { twinOf } from "../../probes/pod/twin.ts";
import { podResources } from "../cluster/podResources.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { Source, WorkloadSource } from "../endpoints/sources.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { podName } from "./names.ts";
import { withOwnSigns } from "./ownSigns.ts";
import type { PathCandidate } from "./pathCandidates.ts";
import type { PodGroup } from "./podAssignment.ts";

export interface SourcePlanInput extends Pick<ClusterSnapshot, "namespaceLimits" | "dnsPods"> {
  /** The run's. */
  readonly id: string;
  /** The namespace of its ProbeRun. */
  readonly runNamespace: string;
}

/**
 * Paths with the same source pod share a probe pod, except those to the node of that pod itself, which need one that runs
 * elsewhere, and those to a node port that the source has another pod beside, which need one on that node. Two selectors may choose different pods of one workload (a database whose primary and replicas differ in a
 * label), and those have different twins.
 */
export function probePodGroups(
  candidates: readonly PathCandidate[],
  input: SourcePlanInput,
): PodGroup<PathCandidate>[] {
  const bySource = Map.groupBy(candidates, ({ source }) => source.pod?.metadata.uid ?? source.name);
  return [...bySource.values()]
    .flatMap(splitByPlace)
    .map((items) => withOwnSigns(items, input.dnsPods ?? [], provenFamily))
    .flatMap((items) => groupOf(items, input));
}

function groupOf(
  items: readonly PathCandidate[],
  { id, runNamespace, namespaceLimits }: SourcePlanInput,
): PodGroup<PathCandidate>[] {
  const [any] = items;
  if (any === undefined) return [];
  const own = namespaceLimits.get(any.source.pod?.metadata.namespace ?? "");
  return [
    {
      items,
      podFor(index, assigned) {
        const [{ source } = any] = assigned;
        const resources = own && podResources(assigned.length, own);
        const on = assigned.flatMap(({ target }) => ownNodeOf(target) ?? [])[0];
        const pod = plannedPod(source, { id, runNamespace, index, on, awayFrom: nodesToAvoid(assigned) });
        return { ...pod, ...(resources && { resources }) };
      },
    },
  ];
}

/** The family for which the path shows that the network of its probe pod is up, if any. */
export function provenFamily({ expectation, target }: PathCandidate): Family | undefined {
  return expectation.expect === "Allowed" && target.provesSource ? target.family : undefined;
}

/**
 * A pod that must run on another node than the usual one repeats a check of each family that proves the source, because a
 * pod proves its own network alone.
 */
function splitByPlace(group: readonly PathCandidate[]): PathCandidate[][] {
  const { [USUAL]: usual = [], ...others } = Object.fromEntries(Map.groupBy(group, placementOf));
  const beside = Object.values(others).map((items) => [...controlsOf(items, usual), ...items]);
  return usual.length === 0 ? beside : [usual, ...beside];
}

function controlsOf(items: readonly PathCandidate[], usual: readonly PathCandidate[]): PathCandidate[] {
  const families = new Set(items.map(({ target }) => target.family));
  const signs = usual.filter(({ target }) => target.local !== true && families.has(target.family));
  return [...Map.groupBy(signs, provenFamily)].flatMap(([family, [first]]) =>
    family === undefined || first === undefined ? [] : [first],
  );
}

const USUAL = "usual";

/** Where the probe pod of a path must run: where the source's pod does, elsewhere, or on the node of a node port. */
function placementOf({ source, target }: PathCandidate): string {
  const own = ownNodeOf(target);
  if (source.pod === undefined || (own !== undefined && own === source.node)) return USUAL;
  if (own !== undefined) return `on ${own}`;
  return avoidedBy(target) === source.node ? "elsewhere" : USUAL;
}

/** The node that translates the port of the target for the source's pods there. */
const ownNodeOf = ({ translated }: TargetAddress) =>
  translated?.from === "OwnNode" ? translated.node : undefined;

/** A target that answers on the probe pod's own node alone would have no endpoint elsewhere. */
const avoidedBy = ({ local = false, backends }: TargetAddress) => (local ? undefined : nodeToAvoid(backends));

const nodesToAvoid = (candidates: readonly PathCandidate[]) => [
  ...new Set(candidates.flatMap(({ target }) => avoidedBy(target) ?? [])),
];

interface PodPlacement {
  readonly id: string;
  readonly runNamespace: string;
  readonly index: number;
  /** The node that it must run on for the paths of a node port, if any. */
  readonly on: string | undefined;
  readonly awayFrom: string[];
}

function plannedPod(source: Source, placing: PodPlacement): PlannedPod {
  if (source.pod) return plannedTwin(source, placing);
  const { name: of, node } = source;
  const name = podName({ role: "probe", id: placing.id, of, index: placing.index });
  return { name, namespace: WITNESS_NAMESPACE, source: of, sourceNodes: 1, node };
}

function plannedTwin(
  { name: of, pod, pods, nodes, grant }: WorkloadSource,
  { id, runNamespace, index, on, awayFrom }: PodPlacement,
): PlannedPod {
  const { namespace } = pod.metadata;
  const { nodeName, ...twin } = twinOf(pod);
  const preferred = [on, nodeName, ...pods.map(({ spec }) => spec.nodeName)].find(
    (node) => node !== undefined && !awayFrom.includes(node),
  );
  return {
    name: podName({ role: "probe", id, of, index }),
    ...(namespace !== runNamespace && { namespace }),
    ...(grant !== undefined && { grant }),
    source: of,
    sourcePod: { name: pod.metadata.name, uid: pod.metadata.uid },
    sourceNodes: nodes,
    twin: { ...twin, ...(preferred !== undefined && { nodeName: preferred }) },
    ...(awayFrom.length > 0 && { awayFrom }),
  };
}
