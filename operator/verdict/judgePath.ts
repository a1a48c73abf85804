import { clockDoubt } from "./clockDoubt.ts";
import type { TriedPath } from "./evidence.ts";
import { proven, type ProvenPath } from "./proof.ts";
import type { FollowUpRemark } from "./remarks.ts";
import { runEvidenceOf, type RunEvidence, type RunWithWitness } from "./runEvidence.ts";
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
