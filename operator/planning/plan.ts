import { kindOf, MAX_PATHS, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { DependencyScope } from "../../crds/proberun/dependencies.ts";
import {
  type GrantReference,
  type PlannedPath,
  type PlannedPod,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { isArgoRollout } from "../cluster/rollout.ts";
import { namedServices, type ClusterSnapshot } from "../cluster/snapshot.ts";
import { workloadOwner } from "../cluster/workload.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { checkOf } from "./checks.ts";
import { withRemedy } from "./findingMessage.ts";
import { withLinkWitnesses } from "./nodeLinks.ts";
import { expandExpectation, type ExpandedExpectation, type PathCandidate } from "./pathCandidates.ts";
import { assignToPods, numberPaths, type PathPlace, type PodAssignment } from "./podAssignment.ts";
import { probePodGroups, provenFamily } from "./probePodPlan.ts";
import { specDigest } from "./specDigest.ts";
import {
  podBehind,
  witnessStandpoint,
  type WitnessContext,
  type WitnessLocation,
  type WitnessSettings,
} from "./witnessPlacement.ts";

export interface PlanInput {
  readonly test: ConnectivityTest;
  /** The namespace of the ProbeRun. Default: the test's own. */
  readonly runNamespace?: string;
  /** The id and the trigger of the run; the ProbeRun repeats them. */
  readonly run: Pick<ProbeRunSpec["run"], "id" | "trigger" | "requests">;
  readonly snapshot: ClusterSnapshot;
  readonly witness: WitnessSettings;
}

export interface RunPlan {
  readonly spec: ProbeRunSpec;
  readonly dependencyScope: DependencyScope;
  /** Whether an Argo Rollout owns a source or a pod behind a target. */
  readonly hasArgoRollout: boolean;
}

/**
 * Plans one run: the sources of every expectation times the addresses of its target, assigned to one probe pod per
 * source. Expectations that cannot be expanded into paths become findings, so that every expectation gets a
 * verdict.
 */
export function planRun({
  test,
  runNamespace = test.metadata.namespace,
  run,
  snapshot,
  witness,
}: PlanInput): RunPlan | { problem: Problem } {
  const { namespace } = test.metadata;
  const rotation = Array.from(run.id, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0);
  const expansions = test.spec.expectations.map((expectation) =>
    expandExpectation(expectation, { test, snapshot, rotation }),
  );
  const asked = expansions.reduce((sum, { count }) => sum + count, 0);
  if (asked > MAX_PATHS) return { problem: tooManyPaths(asked, expansions) };
  const candidates = expansions.flatMap((one) => one.candidates);
  const assign = (dnsPods: ClusterSnapshot["dnsPods"]) => {
    const groups = probePodGroups(candidates, { id: run.id, runNamespace, ...snapshot, dnsPods });
    return withIds(assignToPods(groups, provenFamily), { namespace, snapshot, settings: witness });
  };
  const withSigns = assign(snapshot.dnsPods);
  // A run with the maximum number of paths has no room for proofs of the source of its own.
  const assignments = withSigns.paths.length > MAX_PATHS ? assign([]) : withSigns;
  if (assignments.paths.length > MAX_PATHS)
    return { problem: tooManyPaths(assignments.paths.length, expansions) };
  return {
    spec: {
      replicas: 0,
      test: { kind: kindOf(test).kind, name: test.metadata.name, uid: test.metadata.uid },
      run: {
        ...run,
        generation: test.metadata.generation,
        specDigest: specDigest(test.spec),
        followUp: false,
      },
      probing: test.spec.probing,
      expectations: test.spec.expectations.map(({ name, expect }) => ({ name, expect })),
      grants: grantsOf(assignments.paths, snapshot),
      ...assignments,
      findings: test.spec.expectations.flatMap((expectation, index) =>
        (expansions[index]?.findings ?? []).map((finding) => withRemedy(finding, { expectation, namespace })),
      ),
    },
    ...dependenciesOfPlan(test, { candidates, snapshot }),
  };
}

/** The grants that a path depends on, in their current state. */
function grantsOf(paths: readonly PlannedPath[], { grants }: ClusterSnapshot): GrantReference[] {
  const needed = new Set(paths.flatMap((path) => path.grants ?? []));
  return grants
    .map(({ metadata }) => metadata)
    .filter((metadata) => needed.has(keyOf(metadata)))
    .map(({ namespace, name, uid, generation }) => ({ namespace, name, uid, generation }));
}

function tooManyPaths(count: number, expansions: readonly ExpandedExpectation[]): Problem {
  const [most] = expansions.toSorted((one, other) => other.count - one.count);
  const worst = most === undefined ? "" : `; ${most.expectation} alone has ${most.count}`;
  return {
    reason: "TooManyPaths",
    message: `the spec expands to ${count} paths, but a test may have at most ${MAX_PATHS}${worst}. Narrow its selectors or split the test`,
  };
}

/** The probe pods, and their paths with ids. */
function withIds(
  assignments: readonly PodAssignment<PathCandidate>[],
  context: WitnessContext,
): { pods: PlannedPod[]; paths: PlannedPath[] } {
  const pods = assignments.map(({ pod }) => pod);
  const paths = numberPaths(assignments, (candidate, place) =>
    witnessPath(candidate, place, witnessStandpoint(candidate, context)),
  );
  return { pods, paths: context.settings.enabled ? withLinkWitnesses({ pods, paths }) : paths };
}

function witnessPath(
  candidate: PathCandidate,
  { id, pod }: PathPlace,
  location: WitnessLocation | undefined,
): PlannedPath {
  const { expectation, source, target, familyAsked } = candidate;
  const grants = [source.grant, target.grant].filter((grant) => grant !== undefined);
  return {
    id,
    expectation: expectation.name,
    expect: expectation.expect,
    ...sourceOf(candidate),
    to: target.to,
    kind: target.kind,
    pod,
    check: checkOf(expectation, target, id),
    backends: [...target.backends],
    backendCount: target.backendCount,
    ...(location && !target.translated && behindAddress(target, location)),
    ...(location && { witness: location.node }),
    ...(target.local === true && { local: true }),
    ...(target.translated && { translated: target.translated }),
    ...(target.headless && { headless: target.headless }),
    ...(familyAsked && { familyAsked }),
    ...(grants.length > 0 && { grants: [...new Set(grants)] }),
  };
}

function sourceOf({ source: { name, selector }, sourceComparison }: PathCandidate) {
  return {
    from: name,
    ...(selector && { sourceSelector: selector }),
    ...(sourceComparison !== undefined && { sourceComparison }),
  };
}

/** A pod on the network of its node has the node's address, and is not alone there. */
function behindAddress({ kind, address }: TargetAddress, location: WitnessLocation): Partial<PlannedPath> {
  if (kind !== "Address" || address === undefined || location.pod?.spec.hostNetwork === true) return {};
  return podBehind(address, location) ?? {};
}

/**
 * Returns the namespaces that a plan has read, the workloads of its sources and of the pods behind its targets (a pod without a
 * controller is its own workload), and the Services that the test names.
 * The workloads are UIDs: the test must not learn the names of workloads behind a Service of another namespace.
 */
function dependenciesOfPlan(
  test: ConnectivityTest,
  {
    candidates,
    snapshot,
  }: { readonly candidates: readonly PathCandidate[]; readonly snapshot: ClusterSnapshot },
): Pick<RunPlan, "dependencyScope" | "hasArgoRollout"> {
  const behind = new Set(candidates.flatMap(({ target }) => target.backends.map(({ uid }) => uid)));
  const targets = [...behind].flatMap((uid) => snapshot.podsByUid.get(uid) ?? []);
  const pods = [...candidates.flatMap(({ source }) => source.pod ?? []), ...targets];
  const owners = pods.map((pod) => workloadOwner(pod, snapshot.replicaSetOwners));
  const uids = pods.map((pod, at) => owners[at]?.uid ?? pod.metadata.uid);
  return {
    dependencyScope: {
      namespaces: [...snapshot.policies.keys()].toSorted(),
      workloads: [...new Set(uids)].toSorted(),
      services: namedServices(test).map(keyOf).toSorted(),
    },
    hasArgoRollout: owners.some((owner) => owner !== undefined && isArgoRollout(owner)),
  };
}
