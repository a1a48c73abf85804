import { reasonSchema, type Reason } from "../../crds/reasons.ts";
import { verdictSchema, type Verdict } from "../../crds/vocabulary.ts";

/**
 * The reasons of a verdict, the most important first: observations before missing results, and among these the cause
 * before its consequence (a probe that did not run leaves other paths without proof).
 */
const REASONS_WORST_FIRST: readonly Reason[] = [
  "Open",
  "OpenSometimes",
  "Blocked",
  "TargetDown",
  "NotReachable",
  "NameNotResolved",
  "UnexpectedAnswer",
  "NotGranted",
  "SourceNotFound",
  "TargetNotFound",
  "TargetNotSupported",
  "SourceNotReproducible",
  "ProbeNotRun",
  "Intercepted",
  "Unsettled",
  "TargetChanged",
  "SourceNotProven",
  "TargetNotProven",
  "ClockSkew",
  "LinkNotProven",
  "AsExpected",
];

/** A judged object: a path, a finding, an expectation. */
export interface Judged {
  readonly verdict: Verdict;
  /** One that another version has written may be stored. */
  readonly reason: string;
}

/** For sorting: the worst first. */
export function bySeverity(one: Judged, other: Judged): number {
  return rankOf(other.verdict) - rankOf(one.verdict) || placeOf(one.reason) - placeOf(other.reason);
}

/** Returns the worst of the verdicts; `Inconclusive` if there is none, because an empty run has not passed. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.toSorted((one, other) => rankOf(other) - rankOf(one))[0] ?? "Inconclusive";
}

/** Higher is worse. */
export const rankOf = (verdict: Verdict) => verdictSchema.options.indexOf(verdict);

// A reason that is not in the list comes last of its verdict, in the order of the schema.
function placeOf(reason: string): number {
  const place = REASONS_WORST_FIRST.findIndex((known) => known === reason);
  return place >= 0
    ? place
    : REASONS_WORST_FIRST.length + reasonSchema.options.findIndex((known) => known === reason);
}
