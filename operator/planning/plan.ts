import { kindOf, MAX_PATHS, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { toolOf, type Expectation } from "../../crds/expectation.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Involved } from "../../crds/proberun/premises.ts";
import type {
  Check,
  GrantReference,
  PlannedPath,
  PlannedPod,
  ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { Surroundings } from "../cluster/snapshot.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { questionOf } from "./checks.ts";
import { involvedIn } from "./dependencies.ts";
import { inFull } from "./findingMessage.ts";
import { withFabric } from "./nodeLinks.ts";
import { draftPaths, type Draft, type Drafted } from "./pathCandidates.ts";
import { assignToPods, numberPaths, type PathPlace, type PodAssignment } from "./podAssignment.ts";
import { probePodGroups, vouchesFor } from "./probePodPlan.ts";
import {
  podBehind,
  witnessStandpoint,
  type Standpoint,
  type Terrain,
  type WitnessSettings,
} from "./witnessPlacement.ts";

export interface PlanInput {
  readonly test: ConnectivityTest;
  /** The namespace of the ProbeRun; left out: the test's own. */
  readonly home?: string;
  /** Which run this is, and why; the ProbeRun repeats it. */
  readonly run: Pick<ProbeRunSpec["run"], "id" | "trigger" | "request">;
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
  run,
  surroundings,
  witness,
}: PlanInput): Planned | { problem: Problem } {
  const { namespace } = test.metadata;
  const rotation = Array.from(run.id, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0);
  const drafted = test.spec.expectations.map((expectation) =>
    draftPaths(expectation, { test, surroundings, rotation }),
  );
  const asked = drafted.reduce((sum, { count }) => sum + count, 0);
  if (asked > MAX_PATHS) return { problem: tooManyPaths(asked, drafted) };
  const drafts = drafted.flatMap((one) => one.drafts);
  const groups = probePodGroups(drafts, { id: run.id, home, ...surroundings });
  const dealt = numbered(assignToPods(groups, vouchesFor), { surroundings, settings: witness });
  if (dealt.paths.length > MAX_PATHS) return { problem: tooManyPaths(dealt.paths.length, drafted) };
  return {
    spec: {
      replicas: 0,
      test: { kind: kindOf(test).kind, name: test.metadata.name, uid: test.metadata.uid },
      run: { ...run, generation: test.metadata.generation },
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

/** The probe pods, and their paths with a number each. */
function numbered(
  assignments: readonly PodAssignment<Draft>[],
  terrain: Terrain,
): { pods: PlannedPod[]; paths: PlannedPath[] } {
  const pods = assignments.map(({ pod }) => pod);
  const paths = numberPaths(assignments, (draft, place) =>
    plannedPath(draft, place, witnessStandpoint(draft, terrain)),
  );
  return { pods, paths: terrain.settings.enabled ? withFabric({ pods, paths }) : paths };
}

function plannedPath(draft: Draft, { id, pod }: PathPlace, stand: Standpoint | undefined): PlannedPath {
  const { expectation, source, target, familyAsked } = draft;
  const grants = [source.grant, target.grant].filter((grant) => grant !== undefined);
  return {
    id,
    expectation: expectation.name,
    expect: expectation.expect,
    from: source.workload,
    to: target.to,
    kind: target.kind,
    pod,
    check: checkOf(expectation, target, id),
    backends: [...target.backends],
    backendCount: target.backendCount,
    ...(stand && behindAddress(target, stand)),
    ...(stand && { witness: stand.node }),
    ...(target.local === true && { local: true }),
    ...(familyAsked && { familyAsked }),
    ...(grants.length > 0 && { grants: [...new Set(grants)] }),
  };
}

/** A pod on the network of its node has the node's address, and is not alone there. */
function behindAddress({ kind, address }: TargetAddress, stand: Standpoint): Partial<PlannedPath> {
  if (kind !== "Address" || address === undefined || stand.pod?.spec.hostNetwork === true) return {};
  return podBehind(address, stand) ?? {};
}

function checkOf(expectation: Expectation, target: TargetAddress, path: number): Check {
  const { family, address, host, port, signOfLife } = target;
  return {
    path,
    tool: toolOf(expectation),
    family,
    signOfLife,
    ...(address !== undefined && { address }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...questionOf(expectation, target),
  };
}
