import { backendNodes } from "../../crds/proberun/backend.ts";
import { clockDifference, type ClockDoubt, type Span } from "./clocks.ts";
import { succeededDuring, type TriedPath } from "./evidence.ts";
import { proven, type ProvenPath } from "./proof.ts";
import type { RunEvidence } from "./runEvidence.ts";
import { dialledAddress } from "./socket.ts";

/**
 * Why a denial is not proven, if that is the clocks' doing: by some difference that they may have it would be, and by some
 * other it would not. Of several pairs of nodes the one of which least is known.
 */
export function clockDoubt(known: ProvenPath, runEvidence: RunEvidence): ClockDoubt | undefined {
  const { path } = known;
  if (!isDeniedAsDeclared(path) || areEndsProven(known)) return undefined;
  if (!areEndsProven(proven(path, { ...runEvidence, certainty: "Possible" }))) return undefined;
  const [widest] = [...runEvidence.witnesses, ...runEvidence.run]
    .filter((other) => isAbout(path, other) && isUncertain(path, other))
    .map((other) => ({ other, ahead: clockDifference(other.pod, path.pod) }))
    .toSorted((one, another) => width(another.ahead) - width(one.ahead));
  if (!widest) return undefined;
  return { near: path.pod?.node ?? "", far: widest.other.pod?.node ?? "", ahead: widest.ahead };
}

const isDeniedAsDeclared = ({ plan, settlement }: TriedPath) =>
  plan.expect === "Denied" && settlement?.state === "Settled" && settlement.actual === "Denied";

const areEndsProven = ({ target, link }: ProvenPath) => target.proof !== "None" && link.proof !== "None";

const isUncertain = (path: TriedPath, other: TriedPath) =>
  succeededDuring(path, other, "Possible") && !succeededDuring(path, other, "Certain");

/** Whether it goes to the same address, or to or from a node behind it. */
function isAbout(path: TriedPath, other: TriedPath): boolean {
  const nodes = backendNodes(path.plan.backends);
  const between = [other.pod?.node ?? "", ...backendNodes(other.plan.backends)];
  return dialledAddress(other) === dialledAddress(path) || between.some((node) => nodes.includes(node));
}

// Of two without bounds neither is wider.
const width = ({ from, to }: Span) => Math.min(to - from, Number.MAX_SAFE_INTEGER);
