import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { Actual, Outcome, Verdict } from "../../crds/vocabulary.ts";
import { decidingSamples, isIntercepted, type TriedPath } from "./evidence.ts";
import { proofsOf, type ProvenPath } from "./proof.ts";

/** A reason that a path can have; the others belong to findings and conditions. */
export type PathReason = Exclude<Reason, FindingReason | ConditionReason>;
type FindingReason = "SourceNotFound" | "TargetNotFound" | "TargetNotSupported" | "SourceNotReproducible";
type ConditionReason = "InProgress" | "TooManyPaths" | "SpecNotReadable" | "InvalidSchedule" | "Suspended";

export interface PathVerdict {
  readonly verdict: Verdict;
  readonly reason: PathReason;
}

type VerdictRule = (proven: ProvenPath) => PathVerdict | undefined;

/**
 * The verdict table of the design. The first rule that speaks decides, so each may rely on the silence of those before
 * it: after `open`, for instance, the settled state is Denied.
 */
const rules: readonly VerdictRule[] = [
  grantRevoked,
  probeNotRun,
  intercepted,
  nameNotResolved,
  neverSettled,
  openAsDeclared,
  openThoughDenied,
  sourceNotProven,
  targetChanged,
  deniedThoughAllowed,
  clocksDecide,
  targetNotProven,
  linkNotProven,
  deniedAsDeclared,
];

/** Expected against actual. A path that no rule speaks of has not passed. */
export function verdictOf(proven: ProvenPath): PathVerdict {
  for (const rule of rules) {
    const judged = rule(proven);
    if (judged) return judged;
  }
  return inconclusive("Unsettled");
}

const passed: PathVerdict = { verdict: "Passed", reason: "AsExpected" };
const failed = (reason: PathReason): PathVerdict => ({ verdict: "Failed", reason });
const inconclusive = (reason: PathReason): PathVerdict => ({ verdict: "Inconclusive", reason });

function grantRevoked({ path: { revoked } }: ProvenPath): PathVerdict | undefined {
  return revoked === undefined ? undefined : inconclusive("NotGranted");
}

function probeNotRun({ path: { settlement } }: ProvenPath): PathVerdict | undefined {
  return settlement === undefined || settlement.state === "Starved" ? inconclusive("ProbeNotRun") : undefined;
}

function intercepted({ path }: ProvenPath): PathVerdict | undefined {
  return mayBeSidecarAnswer(path) ? inconclusive("Intercepted") : undefined;
}

/**
 * Whether a sidecar may have had the last word. A connection to it proves nothing, its error is not the target's, and
 * nor is its silence. But an answer as asked for stands where Allowed is expected: whoever gave it, the workload is answered
 * so as well.
 */
function mayBeSidecarAnswer(path: TriedPath): boolean {
  if (!isIntercepted(path)) return false;
  const { plan, settlement } = path;
  const isAnswered =
    settlement?.state === "Settled" && settlement.actual === "Allowed" && settlement.matchesRequest;
  return !(isAnswered && plan.expect === "Allowed" && plan.check.tool !== "tcp");
}

// A name that did not resolve is no denial: nothing was sent to the host.
function nameNotResolved({ path, source }: ProvenPath): PathVerdict | undefined {
  if (!isUnresolved(path)) return undefined;
  if (path.plan.expect === "Denied") return inconclusive("NameNotResolved");
  return source === "None" ? inconclusive("SourceNotProven") : failed("NameNotResolved");
}

function neverSettled({ path: { plan, settlement } }: ProvenPath): PathVerdict | undefined {
  if (settlement?.state !== "Unsettled") return undefined;
  const openSometimes = plan.expect === "Denied" && settlement.sometimesAllowed;
  return openSometimes ? failed("OpenSometimes") : inconclusive("Unsettled");
}

function openAsDeclared({ path }: ProvenPath): PathVerdict | undefined {
  if (path.plan.expect !== "Allowed" || actualOf(path) !== "Allowed") return undefined;
  return path.settlement?.state === "Settled" && path.settlement.matchesRequest
    ? passed
    : failed("UnexpectedAnswer");
}

function openThoughDenied({ path }: ProvenPath): PathVerdict | undefined {
  return actualOf(path) === "Allowed" ? failed("Open") : undefined;
}

function sourceNotProven({ source }: ProvenPath): PathVerdict | undefined {
  return source === "None" ? inconclusive("SourceNotProven") : undefined;
}

// Not red either: a rollout ran through it. A pod that is still there and only no longer ready is no rollout.
function targetChanged({ path: { plan, change } }: ProvenPath): PathVerdict | undefined {
  if (change === undefined || (plan.expect === "Allowed" && change.change === "Left")) return undefined;
  return inconclusive("TargetChanged");
}

// Seen alive outweighs the plan: an endpoint may have become ready since.
function deniedThoughAllowed({ path, target }: ProvenPath): PathVerdict | undefined {
  if (path.plan.expect !== "Allowed") return undefined;
  if (target.proof !== "None") return failed("Blocked");
  return failed(hasNoReadyEndpoint(path) || target.witness?.state === "Down" ? "TargetDown" : "NotReachable");
}

function clocksDecide({ doubt }: ProvenPath): PathVerdict | undefined {
  return doubt && inconclusive("ClockSkew");
}

function targetNotProven({ target }: ProvenPath): PathVerdict | undefined {
  return target.proof === "None" ? inconclusive("TargetNotProven") : undefined;
}

function linkNotProven({ link }: ProvenPath): PathVerdict | undefined {
  return link.proof === "None" ? inconclusive("LinkNotProven") : undefined;
}

function deniedAsDeclared(known: ProvenPath): PathVerdict | undefined {
  const { path } = known;
  const isProven = Object.values(proofsOf(known)).every((how) => how !== "None");
  return path.plan.expect === "Denied" && actualOf(path) === "Denied" && isProven ? passed : undefined;
}

/**
 * What the path's rounds amount to. `Unknown` until settled, for a host whose name did not resolve, and where a sidecar
 * may have spoken for the target.
 */
export function actualOf(path: TriedPath): Actual {
  if (path.settlement?.state !== "Settled" || isUnresolved(path) || mayBeSidecarAnswer(path))
    return "Unknown";
  return path.settlement.actual;
}

/** Whether the path leads to a Service that had no ready endpoint for the probe when the run was planned. */
export function hasNoReadyEndpoint(path: TriedPath): boolean {
  const { kind, backendCount } = path.plan;
  return (kind === "ClusterAddress" && backendCount === 0) || hasNoLocalEndpoint(path);
}

/** Whether only endpoints on the probe's own node answer, and it had none. Of many endpoints not all are known. */
export function hasNoLocalEndpoint({
  plan: { local = false, backends, backendCount },
  pod,
}: TriedPath): boolean {
  const areAllKnown = backendCount <= MAX_BACKENDS;
  return local && pod?.node !== undefined && backends.length === 0 && backendCount > 0 && areAllKnown;
}

/** Whether the path settled without ever getting as far as the host: one such deciding round is enough. */
export function isUnresolved(path: TriedPath): boolean {
  return decidingSamples(path).some(({ resolving }) => resolving);
}

/** What the last deciding attempt saw; where nothing settled, the last attempt. */
export function outcomeOf({ settlement, samples }: TriedPath): Outcome | undefined {
  return samples.at(settlement?.state === "Settled" ? settlement.to : -1)?.outcome;
}
