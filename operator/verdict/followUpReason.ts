import { backendNodes } from "../../crds/proberun/backend.ts";
import { isIntercepted } from "./evidence.ts";
import type { ProvenPath } from "./proof.ts";
import { actualOf, verdictOf } from "./verdictRules.ts";
import type { WitnessResult } from "./witnessResult.ts";

/**
 * Why a follow-up run tests a path. Probes: a denial as declared whose target is not proven, or not from the probe's
 * node; it is probed again beside a witness. Wire: a denial of which only the link between the nodes is not proven,
 * likewise. Witness: a closed path with `expect: Allowed` and an unknown target; a witness can only determine the
 * reason. Source: a closed path whose source is not proven; it is probed again beside a lookup of netverdict's own.
 */
export type FollowUpReason = "Probes" | "Link" | "Witness" | "Source";

/**
 * Undefined if the verdict is final, or if a follow-up run could not change it. A timely witness that failed is a
 * result, and one that the API server rejected would be rejected again.
 */
export function followUpReasonOf(judged: ProvenPath): FollowUpReason | undefined {
  const { path, target, source } = judged;
  if (path.plan.check.control === true) return undefined;
  if (isIntercepted(path) || actualOf(path) !== "Denied") return undefined;
  if (source === "None") return reasonOfUnproven(judged);
  if (isDisproved(target)) return undefined;
  return path.plan.expect === "Denied" ? reasonOfDenied(judged) : reasonOfAllowed(judged);
}

/**
 * With a proven source a path with Allowed expected has failed, independent of its target. A denial needs its target as well: one
 * that nothing can prove stays Inconclusive.
 */
function reasonOfUnproven(known: ProvenPath): FollowUpReason | undefined {
  if (known.path.plan.expect === "Allowed") return "Source";
  if (isDisproved(known.target)) return undefined;
  return known.target.proof !== "None" || reasonOfDenied(known) !== undefined ? "Source" : undefined;
}

/** By a witness with a result. */
const isDisproved = (target: ProvenPath["target"]) =>
  target.witness !== undefined && !isTransient(target.witness) && !isTargetProven(target);

/** A known address without a witness is one that no witness may try. */
function reasonOfDenied(known: ProvenPath): FollowUpReason | undefined {
  const { plan } = known.path;
  if (isTargetProven(known.target)) return ofLink(known);
  return known.target.witness || plan.kind === "Host" || plan.kind === "Resolver" ? "Probes" : undefined;
}

/** Observed or by a witness: a follow-up run could not add to this proof. */
const isTargetProven = ({ proof }: ProvenPath["target"]) => proof === "Observed" || proof === "Witness";

/**
 * Reports whether only the link is not proven, although both of its ends are known by now. To another node: the probe
 * ran on another one than planned, an Allowed path over the link was closed, or the witnesses were untimely.
 */
function ofLink(known: ProvenPath): FollowUpReason | undefined {
  const {
    path: { plan, pod },
    link: { proof, witness },
  } = known;
  if (proof !== "None" || pod?.node === undefined) return undefined;
  if (backendNodes(plan.backends).length === 0) return ofAddress(known);
  return witness === undefined || isTransient(witness) ? "Link" : undefined;
}

/** An address that is on no known node is proven by a witness on the probe's: it was untimely, elsewhere, or not asked of a host. */
function ofAddress({ path: { plan, pod }, target: { witness } }: ProvenPath): FollowUpReason | undefined {
  if (witness === undefined) return plan.kind === "Host" ? "Probes" : undefined;
  const isFromElsewhere = witness.state !== "NotRun" && witness.node !== pod?.node;
  return isFromElsewhere || isTransient(witness) ? "Probes" : undefined;
}

/** As if source and twin were equivalent: they are compared after the follow-up run. */
function reasonOfAllowed({ path, ...known }: ProvenPath): FollowUpReason | undefined {
  const { reason } = verdictOf({ ...known, path: { ...path, difference: undefined } });
  return reason === "NotReachable" ? "Witness" : undefined;
}

/** Reports whether another attempt of the witness may have a result. */
const isTransient = ({ state, refused = false }: WitnessResult) =>
  state === "Untimely" || (state === "NotRun" && !refused);
