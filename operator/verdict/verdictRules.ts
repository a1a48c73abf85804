import { MAX_BACKENDS } from "../../crds/proberun/plannedpath.ts";
import type { Reason } from "../../crds/reasons.ts";
import { isGroupAddress, isOwnAddress } from "../../crds/target.ts";
import type { Actual, Outcome, Verdict } from "../../crds/vocabulary.ts";
import { decidingSamples, differencesOf, isIntercepted, type TriedPath } from "./evidence.ts";
import { proofsOf, type ProvenPath } from "./proof.ts";

/** A reason that a path can have; the others belong to findings and conditions. */
export type PathReason = Exclude<Reason, FindingReason | ConditionReason>;
type FindingReason = "SourceNotFound" | "TargetNotFound";
type ConditionReason =
  | "InProgress"
  | "Queued"
  | "Expired"
  | "TooManyPaths"
  | "SpecNotReadable"
  | "InvalidSchedule"
  | "Suspended";

export interface PathVerdict {
  readonly verdict: Verdict;
  readonly reason: PathReason;
}

type VerdictRule = (proven: ProvenPath) => PathVerdict | undefined;

/**
 * The verdict table of docs/design.md. The first rule that applies decides, so each rule may assume that those before
 * it do not apply: after `open`, for example, the settled state is Denied.
 */
const rules: readonly VerdictRule[] = [
  grantRevoked,
  targetNotSupported,
  probeNotRun,
  notReproduced,
  intercepted,
  nameNotResolved,
  sourceDiffers,
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

/** Decides expected against actual. A path without a matching rule has not passed. */
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

function targetNotSupported({ path }: ProvenPath): PathVerdict | undefined {
  return unsupportedAddressOf(path) === undefined ? undefined : inconclusive("TargetNotSupported");
}

function probeNotRun({ path }: ProvenPath): PathVerdict | undefined {
  const { settlement } = path;
  const hasRun = settlement !== undefined && settlement.state !== "Starved" && !ranOnOtherSide(path);
  return hasRun ? undefined : inconclusive("ProbeNotRun");
}

// The probe pod is not equivalent to its source, so its result says nothing about the source, not even if it is as expected.
function notReproduced({ path }: ProvenPath): PathVerdict | undefined {
  return differencesOf(path).length > 0 ? inconclusive("SourceNotReproducible") : undefined;
}

function intercepted({ path }: ProvenPath): PathVerdict | undefined {
  return mayBeSidecarAnswer(path) ? inconclusive("Intercepted") : undefined;
}

/**
 * Reports whether a sidecar may have answered for the target. A connection to it proves nothing, and neither its
 * errors nor its silence come from the target. But an answer as requested counts if Allowed is expected: the workload
 * gets the same answer, from the sidecar or the target.
 */
function mayBeSidecarAnswer(path: TriedPath): boolean {
  if (!isIntercepted(path)) return false;
  const { plan, settlement } = path;
  const isAnswered =
    settlement?.state === "Settled" && settlement.actual === "Allowed" && settlement.matchesRequest;
  return !(isAnswered && plan.expect === "Allowed" && plan.check.tool !== "tcp");
}

// A name that did not resolve is not a denial, because no packet was sent to the host.
function nameNotResolved({ path, source }: ProvenPath): PathVerdict | undefined {
  if (!isUnresolved(path)) return undefined;
  if (path.plan.expect === "Denied") return inconclusive("NameNotResolved");
  return source === "None" ? inconclusive("SourceNotProven") : failed("NameNotResolved");
}

// The source itself may get the opposite result.
function sourceDiffers({ path: { difference } }: ProvenPath): PathVerdict | undefined {
  return difference === undefined ? undefined : inconclusive("SourceNotReproducible");
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

// Not Failed either: a rollout changed the target. A pod that still exists and is only no longer ready is not a
// rollout.
function targetChanged({ path: { plan, change } }: ProvenPath): PathVerdict | undefined {
  if (change === undefined || (plan.expect === "Allowed" && change.change === "Left")) return undefined;
  return inconclusive("TargetChanged");
}

// An observed success outweighs the plan: an endpoint may have become ready since.
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
 * Returns the settled state of a path. `Unknown` until settled, for a host whose name did not resolve, if a sidecar may
 * have answered for the target, if the probe pod is not equivalent to its source, if the path led to the probe pod itself or to a
 * group of hosts, and if the probe pod ran on the other side of a node port.
 */
export function actualOf(path: TriedPath): Actual {
  if (path.settlement?.state !== "Settled" || isUnresolved(path) || mayBeSidecarAnswer(path))
    return "Unknown";
  if (differencesOf(path).length > 0 || unsupportedAddressOf(path) !== undefined || ranOnOtherSide(path))
    return "Unknown";
  return path.settlement.actual;
}

/** Reports whether the path leads to a Service without a ready endpoint for the probe when the run was planned. */
export function hasNoReadyEndpoint(path: TriedPath): boolean {
  const { kind, backendCount } = path.plan;
  return (kind === "ClusterAddress" && backendCount === 0) || hasNoLocalEndpoint(path);
}

/**
 * Reports whether only endpoints on the probe pod's own node answer, and there were none. Of many endpoints not all
 * are known.
 */
export function hasNoLocalEndpoint({
  plan: { local = false, backends, backendCount },
  pod,
}: TriedPath): boolean {
  const areAllKnown = backendCount <= MAX_BACKENDS;
  return local && pod?.node !== undefined && backends.length === 0 && backendCount > 0 && areAllKnown;
}

/**
 * Returns the address of a path that led to no target, if it did. A name or the pod's resolver led to a loopback address, where a
 * container of the source's pod may listen, or to a multicast or broadcast address, where several hosts may answer. Or the
 * address belongs to the probe pod: the runner's own listener is no target.
 */
export function unsupportedAddressOf({ plan, pod, result }: TriedPath): string | undefined {
  const address = plan.check.address ?? result?.address;
  if (address === undefined) return undefined;
  return isOwnAddress(address, pod?.addresses) || isGroupAddress(address) ? address : undefined;
}

/**
 * Reports whether the probe pod ran on the node of a node port and the source's pods do not, or the other way round. Such a
 * result says nothing about the source.
 */
export function ranOnOtherSide({ plan: { translated }, pod }: TriedPath): boolean {
  if (translated === undefined || pod?.node === undefined) return false;
  return (pod.node === translated.node) !== (translated.from === "OwnNode");
}

/** Reports whether the path settled without reaching the host: one such deciding round is sufficient. */
export function isUnresolved(path: TriedPath): boolean {
  return decidingSamples(path).some(({ resolving }) => resolving);
}

/** Returns the result of the last deciding attempt; if nothing settled, of the last attempt. */
export function outcomeOf({ settlement, samples }: TriedPath): Outcome | undefined {
  return samples.at(settlement?.state === "Settled" ? settlement.to : -1)?.outcome;
}
