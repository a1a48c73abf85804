import { isIntercepted } from "./evidence.ts";
import type { Testimony } from "./testimony.ts";
import { actualOf, type PathVerdict, type ProvenPath } from "./verdict.ts";

/**
 * What the first look at a path leaves to be asked. Probes: a denial as declared whose target nobody has proven, to be
 * probed again beside a witness. Witness: a path that ought to be open and is not, of whose target nothing is known; a
 * witness can only tell the reason apart.
 */
export type Want = "Probes" | "Witness";

/**
 * Undefined: nothing, since the verdict stands, or since a second look could tell no more. A witness that ran in time and
 * failed has answered, and one that the API server would not have would be refused again.
 */
export function wantOf(judged: ProvenPath & PathVerdict): Want | undefined {
  const { path, proof, testimony } = judged;
  if (isIntercepted(path) || actualOf(path) !== "Denied" || proof.source === "None") return undefined;
  if (testimony && !isPassing(testimony)) return undefined;
  return path.plan.expect === "Denied" ? ofDenied(judged) : ofAllowed(judged);
}

/** An address that was known and that no witness was sent to is one where none may go. */
function ofDenied({ path: { plan }, proof, testimony }: ProvenPath): Want | undefined {
  if (proof.target === "Observed" || proof.target === "Witness") return undefined;
  return testimony || plan.kind === "Host" || plan.kind === "Resolver" ? "Probes" : undefined;
}

const ofAllowed = ({ reason }: PathVerdict): Want | undefined =>
  reason === "NotReachable" ? "Witness" : undefined;

/** Whether another time the witness may have more to say. */
const isPassing = ({ state, refused = false }: Testimony) =>
  state === "Untimely" || (state === "NotRun" && !refused);
