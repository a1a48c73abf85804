import { clockDoubt } from "./clockDoubt.ts";
import { triedPaths, type RunRecord, type TriedPath } from "./evidence.ts";
import { proven, type ProvenPath } from "./proof.ts";
import type { FollowUpRemark } from "./remarks.ts";
import { verdictOf, type PathVerdict } from "./verdictRules.ts";
import type { RunEvidence } from "./witnessResult.ts";

/** A path with its verdict, and the evidence that it depends on. */
export interface JudgedPath extends ProvenPath, PathVerdict {
  /** The result of the follow-up run for it; undefined if there was none. */
  readonly followUp?: FollowUpRemark;
}

/** One first run or follow-up run: the results of its probes and its witnesses. */
export function runEvidenceOf(run: RunRecord, witness: RunRecord | undefined): RunEvidence {
  return { run: triedPaths(run), witnesses: witness ? triedPaths(witness) : [] };
}

/** Judges a path by one such run alone. */
export function judgePath(path: TriedPath, runEvidence: RunEvidence): JudgedPath {
  const known = proven(path, runEvidence);
  const complete = { ...known, doubt: clockDoubt(known, runEvidence) };
  return { ...complete, ...verdictOf(complete) };
}
