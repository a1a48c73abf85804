import { kindOf, MAX_PATHS, type ConnectivityTest } from "../crds/connectivitytest.ts";
import type { Expectation } from "../crds/expectation.ts";
import { WITNESS_NAMESPACE } from "../crds/group.ts";
import { keyOf } from "../crds/object.ts";
import type { Check, GrantReference, PlannedPath, PlannedPod, ProbeRunSpec } from "../crds/proberun.ts";
import { twinOf } from "../probes/twin.ts";
import { allowance } from "./allowance.ts";
import { draftPaths, type Draft, type Drafted } from "./drafts.ts";
import type { Due } from "./due.ts";
import { inFull } from "./findingInFull.ts";
import { involvedIn } from "./involved.ts";
import { podName } from "./names.ts";
import { nodeToAvoid } from "./ownNode.ts";
import type { Involved } from "./premises.ts";
import type { Problem } from "./problem.ts";
import { questionOf } from "./question.ts";
import { shard } from "./shards.ts";
import type { Source, WorkloadSource } from "./sources.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TargetAddress } from "./targetAddress.ts";
import { withFabric } from "./wires.ts";
import { witnessNode, type Terrain, type WitnessSettings } from "./witnessNode.ts";

export type { Problem } from "./problem.ts";

export interface PlanInput {
  readonly test: ConnectivityTest;
  /** The namespace of the ProbeRun; left out: the test's own. */
  readonly home?: string;
  readonly due: Due;
  readonly id: string;
  readonly surroundings: Surroundings;
  readonly witness: WitnessSettings;
}

export interface Planned {
  readonly spec: ProbeRunSpec;
  readonly involved: Involved;
}

/**
 * The plan of one run: every expectation's sources times its target's addresses, dealt to one probe pod per source
 * workload. What could not be turned into a path stands in the findings, so that no expectation ever goes silent.
 */
export function planRun({
  test,
  home = test.metadata.namespace,
  due,
  id,
  surroundings,
  witness,
}: PlanInput): Planned | { problem: Problem } {
  const { namespace } = test.metadata;
  const rotation = Array.from(id, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0);
  const drafted = test.spec.expectations.map((expectation) =>
    draftPaths(expectation, { test, surroundings, rotation }),
  );
  const asked = drafted.reduce((sum, { count }) => sum + count, 0);
  if (asked > MAX_PATHS) return { problem: tooManyPaths(asked, drafted) };
  const drafts = drafted.flatMap((one) => one.drafts);
  const dealt = dealToPods(drafts, { id, home, surroundings, settings: witness });
  if (dealt.paths.length > MAX_PATHS) return { problem: tooManyPaths(dealt.paths.length, drafted) };
  return {
    spec: {
      replicas: 0,
      test: { kind: kindOf(test).kind, name: test.metadata.name, uid: test.metadata.uid },
      run: {
        id,
        trigger: due.trigger,
        generation: test.metadata.generation,
        ...(due.request !== undefined && { request: due.request }),
      },
      probing: test.spec.probing,
      expectations: test.spec.expectations.map(({ name, expect }) => ({ name, expect })),
      grants: grantsOf(dealt.paths, surroundings),
      ...dealt,
      findings: test.spec.expectations.flatMap((expectation, index) =>
        (drafted[index]?.findings ?? []).map((finding) => inFull(finding, { expectation, namespace })),
      ),
    },
    involved: involvedIn(drafts, surroundings),
  };
}

/** The grants that some path rests on, as they are now. */
function grantsOf(paths: readonly PlannedPath[], { grants }: Surroundings): GrantReference[] {
  const needed = new Set(paths.flatMap((path) => path.grants ?? []));
  return grants
    .map(({ metadata }) => metadata)
    .filter((metadata) => needed.has(keyOf(metadata)))
    .map(({ namespace, name, uid, generation }) => ({ namespace, name, uid, generation }));
}

function tooManyPaths(count: number, drafted: readonly Drafted[]): Problem {
  const [most] = drafted.toSorted((one, other) => other.count - one.count);
  const worst = most === undefined ? "" : `; ${most.expectation} alone has ${most.count}`;
  return {
    reason: "TooManyPaths",
    message: `the spec comes to ${count} paths, and at most ${MAX_PATHS} are probed in one test${worst}: narrow its selectors or split the test`,
  };
}

/**
 * Paths with the same source pod share a probe pod, but for those to the node of that pod itself: they need one that runs
 * elsewhere. Two selectors may choose different pods of one workload (a database whose primary and replicas differ in a
 * label), and those have different twins.
 */
function dealToPods(
  drafts: readonly Draft[],
  { id, home, ...terrain }: Terrain & { readonly id: string; readonly home: string },
): { pods: PlannedPod[]; paths: PlannedPath[] } {
  const bySource = [
    ...Map.groupBy(drafts, ({ source }) => source.pod?.metadata.uid ?? source.workload).values(),
  ];
  const shards = bySource.flatMap(byPlace).flatMap((group) => shard(group, vouchesFor));
  const dealt = shards.flatMap((group, index) => {
    const [first] = group;
    if (first === undefined) return [];
    const rules = terrain.surroundings.rules.get(first.source.pod?.metadata.namespace ?? "");
    const resources = rules && allowance(group.length, rules);
    const pod = plannedPod(first.source, { id, home, index, awayFrom: nodesToAvoid(group) });
    return [{ pod: { ...pod, ...(resources && { resources }) }, group }];
  });
  const numbered = dealt.flatMap(({ pod, group }) => group.map((draft) => ({ draft, pod: pod.name })));
  const pods = dealt.map(({ pod }) => pod);
  const paths = numbered.map(({ draft, pod }, path) => plannedPath(draft, { pod, path, terrain }));
  return { pods, paths: terrain.settings.enabled ? withFabric({ pods, paths }) : paths };
}

const vouchesFor = ({ expectation, target }: Draft) =>
  expectation.expect === "Allowed" && target.signOfLife ? target.family : undefined;

/** Who must run elsewhere tries a sign of life of each family a second time: a pod vouches for its own network alone. */
function byPlace(group: readonly Draft[]): Draft[][] {
  const away = group.filter(isOfOwnNode);
  if (away.length === 0) return [[...group]];
  const others = group.filter((draft) => !isOfOwnNode(draft));
  const families = new Set(away.map(({ target }) => target.family));
  const signs = others.filter(({ target }) => target.local !== true && families.has(target.family));
  const controls = [...Map.groupBy(signs, vouchesFor)].flatMap(([family, [first]]) =>
    family === undefined || first === undefined ? [] : [first],
  );
  return [...(others.length === 0 ? [] : [others]), [...controls, ...away]];
}

const isOfOwnNode = ({ source, target }: Draft) =>
  source.pod !== undefined && avoidedBy(target) === source.node;

/** What answers on the asking pod's own node alone would have nobody elsewhere. */
const avoidedBy = ({ local = false, backends }: TargetAddress) => (local ? undefined : nodeToAvoid(backends));

const nodesToAvoid = (drafts: readonly Draft[]) => [
  ...new Set(drafts.flatMap(({ target }) => avoidedBy(target) ?? [])),
];

interface Placing {
  readonly id: string;
  readonly home: string;
  readonly index: number;
  readonly awayFrom: string[];
}

function plannedPod(source: Source, placing: Placing): PlannedPod {
  if (source.pod) return plannedTwin(source, placing);
  const { workload, node } = source;
  const name = podName({ role: "probe", id: placing.id, of: workload, index: placing.index });
  return { name, namespace: WITNESS_NAMESPACE, source: workload, sourceNodes: 1, node };
}

function plannedTwin(
  { workload, pod, pods, nodes, grant }: WorkloadSource,
  { id, home, index, awayFrom }: Placing,
): PlannedPod {
  const { namespace } = pod.metadata;
  const { nodeName, ...twin } = twinOf(pod);
  const preferred = [nodeName, ...pods.map(({ spec }) => spec.nodeName)].find(
    (node) => node !== undefined && !awayFrom.includes(node),
  );
  return {
    name: podName({ role: "probe", id, of: workload, index }),
    ...(namespace !== home && { namespace }),
    ...(grant !== undefined && { grant }),
    source: workload,
    sourcePod: { name: pod.metadata.name, uid: pod.metadata.uid },
    sourceNodes: nodes,
    twin: { ...twin, ...(preferred !== undefined && { nodeName: preferred }) },
    ...(awayFrom.length > 0 && { awayFrom }),
  };
}

function plannedPath(
  draft: Draft,
  { pod, path, terrain }: { pod: string; path: number; terrain: Terrain },
): PlannedPath {
  const { expectation, source, target, familyAsked } = draft;
  const witness = witnessNode(draft, terrain);
  const grants = [source.grant, target.grant].filter((grant) => grant !== undefined);
  return {
    id: path,
    expectation: expectation.name,
    expect: expectation.expect,
    from: source.workload,
    to: target.to,
    kind: target.kind,
    pod,
    check: checkOf(expectation, target, path),
    backends: [...target.backends],
    backendCount: target.backendCount,
    ...(witness !== undefined && { witness }),
    ...(target.local === true && { local: true }),
    ...(familyAsked && { familyAsked }),
    ...(grants.length > 0 && { grants: [...new Set(grants)] }),
  };
}

function checkOf(expectation: Expectation, target: TargetAddress, path: number): Check {
  const { family, address, host, port, signOfLife } = target;
  return {
    path,
    tool: TOOLS.find((tool) => expectation[tool] !== undefined) ?? "dns",
    family,
    signOfLife,
    ...(address !== undefined && { address }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...questionOf(expectation, target),
  };
}

const TOOLS = ["http", "tcp", "icmp", "dns"] as const;
