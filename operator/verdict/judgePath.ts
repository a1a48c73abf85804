import { backendNodes } from "../../crds/proberun/backend.ts";
import { clockDifference, type ClockDoubt, type Span } from "./clocks.ts";
import { succeededDuring, type TriedPath } from "./evidence.ts";
import { proven, type ProvenPath } from "./proof.ts";
import type { FollowUpRemark } from "./remarks.ts";
import { runEvidenceOf, type RunEvidence, type RunWithWitness } from "./runEvidence.ts";
import { dialledAddress } from "./socket.ts";
import { verdictOf, type PathVerdict } from "./verdictRules.ts";

/** A path with its verdict, and the evidence that it depends on. */
export interface JudgedPath extends ProvenPath, PathVerdict {
  /** The result of the follow-up run for it; undefined if there was none. */
  readonly followUp?: FollowUpRemark;
}

/** One first run or follow-up run that has ended, judged by itself: its paths in the order of the plan's ids. */
export interface JudgedRun extends RunWithWitness {
  readonly evidence: RunEvidence;
  readonly paths: readonly JudgedPath[];
}

/** Judges one first run or follow-up run by its own results and those of its witnesses. */
export function judgeRun({ run, witness }: RunWithWitness): JudgedRun {
  const evidence = runEvidenceOf({ run, witness });
  return { run, witness, evidence, paths: evidence.run.map((path) => judgePath(path, evidence)) };
}

function judgePath(path: TriedPath, runEvidence: RunEvidence): JudgedPath {
  const known = proven(path, runEvidence);
  const complete = { ...known, doubt: clockDoubt(known, runEvidence) };
  return { ...complete, ...verdictOf(complete) };
}

/**
 * Why a denial is not proven, if that is the clocks' doing: by some difference that they may have it would be, and by some
 * other it would not. Of several pairs of nodes the one of which least is known.
 */
function clockDoubt(known: ProvenPath, runEvidence: RunEvidence): ClockDoubt | undefined {
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
