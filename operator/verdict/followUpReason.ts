import { backendNodes } from "../../crds/proberun/backend.ts";
import { isIntercepted } from "./evidence.ts";
import type { ProvenPath } from "./proof.ts";
import { actualOf, type PathVerdict } from "./verdictRules.ts";
import type { WitnessResult } from "./witnessResult.ts";

/**
 * What the first look at a path leaves to be asked. Probes: a denial as declared whose target nobody has proven, or
 * nobody from the probe's node, to be probed again beside a witness. Wire: one of which nothing but the wire between the
 * nodes is not proven, likewise. Witness: a path that ought to be open and is not, of whose target nothing is known; a
 * witness can only tell the reason apart.
 */
export type FollowUpReason = "Probes" | "Link" | "Witness";

/**
 * Undefined: nothing, since the verdict stands, or since a second look could tell no more. A witness that ran in time and
 * failed has answered, and one that the API server would not have would be refused again.
 */
export function followUpReasonOf(judged: ProvenPath & PathVerdict): FollowUpReason | undefined {
  const { path, target, source } = judged;
  if (isIntercepted(path) || actualOf(path) !== "Denied" || source === "None") return undefined;
  if (target.witness && !isTransient(target.witness) && !isTargetProven(target)) return undefined;
  return path.plan.expect === "Denied" ? reasonOfDenied(judged) : reasonOfAllowed(judged);
}

/** An address that was known and that no witness was sent to is one where none may go. */
function reasonOfDenied(known: ProvenPath): FollowUpReason | undefined {
  const { plan } = known.path;
  if (isTargetProven(known.target)) return ofLink(known);
  return known.target.witness || plan.kind === "Host" || plan.kind === "Resolver" ? "Probes" : undefined;
}

/** Observed or by a witness: a second look could tell no more of the target. */
const isTargetProven = ({ proof }: ProvenPath["target"]) => proof === "Observed" || proof === "Witness";

/**
 * Whether only the link is not proven, although both of its ends are known by now. To another node: the probe ran on
 * another one than it was planned for, a path that ought to have used the wire was closed, or the witnesses were untimely.
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

const reasonOfAllowed = ({ reason }: PathVerdict): FollowUpReason | undefined =>
  reason === "NotReachable" ? "Witness" : undefined;

/** Whether another time the witness may have more to say. */
const isTransient = ({ state, refused = false }: WitnessResult) =>
  state === "Untimely" || (state === "NotRun" && !refused);
