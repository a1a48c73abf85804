import { MAX_PATHS, type ConnectivityTest, type ConnectivityTestSpec } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import type { Finding } from "../../crds/proberun/proberun.ts";
import { fitMessage } from "../../probes/messageLength.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { fromEachSide } from "../endpoints/nodePortSides.ts";
import { comparisonNeeded } from "../endpoints/sourceComparison.ts";
import { findSources, type Source } from "../endpoints/sources.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { expandTarget } from "../endpoints/targets.ts";
import { twinCheckFor, type TwinContext } from "../endpoints/twinEligibility.ts";

/** One path before it has an id and a probe pod. */
export interface PathCandidate {
  readonly expectation: Expectation;
  readonly source: Source;
  readonly target: TargetAddress;
  /** Whether the author listed the family. */
  readonly familyAsked: boolean;
  /** See `comparisonNeeded`. */
  readonly sourceComparison?: string | undefined;
}

/** The expansion of one expectation. */
export interface ExpandedExpectation {
  readonly expectation: string;
  /** The number of paths. */
  readonly count: number;
  /** All paths; none if there are more than a whole run may have. */
  readonly candidates: readonly PathCandidate[];
  readonly findings: readonly Finding[];
}

export interface ExpansionInput {
  readonly test: ConnectivityTest;
  readonly snapshot: ClusterSnapshot;
  /** Changes with each run: each run prefers another of the source's nodes. */
  readonly rotation: number;
}

type Remark = Omit<Finding, "expectation">;

/**
 * Expands an expectation into its sources times the addresses of its target, and findings for all combinations that
 * cannot be tested.
 */
export function expandExpectation(expectation: Expectation, input: ExpansionInput): ExpandedExpectation {
  const { test, snapshot, rotation } = input;
  const { namespace } = test.metadata;
  const families = familiesAsked(expectation, test);
  const found = findSources({ from: expectation.from, own: namespace, snapshot, rotation });
  const near = found.sources.map(({ node }) => node);
  const expanded = expandTarget({ expectation, namespace, families, snapshot, near });
  const pairings = found.sources.map((source) => pair(source, expanded.addresses, families));
  const count = pairings.reduce((sum, { targets }) => sum + targets.length, 0);
  const { name } = expectation;
  if (count > MAX_PATHS) return { expectation: name, count, candidates: [], findings: [] };
  const eligible = pairings.map((pairing) => onlyEligible(pairing, { own: namespace, snapshot }));
  const remarks = [
    ...found.findings,
    ...expanded.findings,
    ...eligible.flatMap((pairing) => pairing.remarks),
  ];
  const shared = { expectation, familyAsked: families !== undefined };
  return {
    expectation: name,
    count,
    candidates: eligible.flatMap(({ source, targets }) =>
      targets.map((target) => ({
        ...shared,
        source,
        target,
        ...(source.pod && { sourceComparison: comparisonNeeded(source, target, snapshot) }),
      })),
    ),
    findings: summarized(remarks).map((remark) => ({ expectation: name, ...remark })),
  };
}

/**
 * A lookup at the pod's own resolver with a record type runs once: the author does not choose the family of the
 * connection.
 */
function familiesAsked({ dns }: Expectation, { spec }: ConnectivityTest): ConnectivityTestSpec["ipFamilies"] {
  return dns?.type !== undefined && dns.server === undefined ? undefined : spec.ipFamilies;
}

/** The addresses that one source tries, and findings for those that it cannot try. */
interface Pairing {
  readonly source: Source;
  readonly targets: readonly TargetAddress[];
  readonly remarks: readonly Remark[];
}

/**
 * A source tries the targets of its own families. A target of another family needs no finding if the author listed no
 * families and the same target is tried in another family.
 */
function pair(
  source: Source,
  targets: readonly TargetAddress[],
  families: ConnectivityTestSpec["ipFamilies"],
): Pairing {
  const { families: spoken } = source;
  const able = targets
    .filter(({ family }) => spoken.has(family))
    .flatMap((target) => fromEachSide(source, target));
  const tried = new Set(able.map(targetIdentity));
  const silent = targets.filter(
    (target) => !spoken.has(target.family) && (families !== undefined || !tried.has(targetIdentity(target))),
  );
  return {
    source,
    targets: families === undefined ? oneFamilyOfResolver(able) : able,
    remarks: silent.map(({ family, to }) => ({
      reason: "SourceNotReproducible",
      message: `${source.name} has no ${family} address to reach ${to} from`,
    })),
  };
}

/** The identity of a target, which is the same in both families. */
const targetIdentity = ({ kind, to, backends: [backend] }: TargetAddress) =>
  kind === "Pod" ? `${to} ${backend?.uid}` : to;

/** A name may lack a record of one family, so the pod's resolver is queried for one only: IPv4 if the pod has it. */
function oneFamilyOfResolver(targets: readonly TargetAddress[]): readonly TargetAddress[] {
  return targets[0]?.kind === "Resolver" ? targets.slice(0, 1) : targets;
}

/** If a source cannot have a twin for a target, it does not try it, and this finding replaces all others. */
function onlyEligible({ source, targets, remarks }: Pairing, context: TwinContext): Pairing {
  if (source.pod === undefined) return { source, targets, remarks };
  const twinCheck = twinCheckFor(source, context);
  const problems = targets.flatMap((target) => twinCheck(target) ?? []);
  if (problems.length === 0) return { source, targets, remarks };
  const tried = targets.filter((target) => twinCheck(target) === undefined);
  return { source, targets: tried, remarks: tried.length === 0 ? problems : [...remarks, ...problems] };
}

/** A ProbeRun has room for 512 findings, of 128 expectations. */
const MAX_REMARKS = 4;

/** Each finding once, and no more than fit into a ProbeRun; the last one has the number of omitted ones. */
function summarized(remarks: readonly Remark[]): Remark[] {
  const different = [...new Map(remarks.map((remark) => [remark.message, remark])).values()];
  const more = different.length - MAX_REMARKS;
  return different.slice(0, MAX_REMARKS).map((remark, index) => {
    const isLast = more > 0 && index === MAX_REMARKS - 1;
    const transient = (isLast ? different.slice(index) : [remark]).every((each) => each.transient === true);
    return {
      reason: remark.reason,
      message: fitMessage(remark.message, isLast ? ` (and ${more} more)` : ""),
      ...(transient && { transient }),
    };
  });
}
