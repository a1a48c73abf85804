import { clockDoubt } from "./clockDoubt.ts";
import { triedPaths, type RunRecord, type TriedPath } from "./evidence.ts";
import { proven, type ProvenPath } from "./proof.ts";
import type { SecondLookRemark } from "./remarks.ts";
import { verdictOf, type PathVerdict } from "./verdictRules.ts";
import type { Trial } from "./witnessResult.ts";

/** A path with its verdict, and what that rests on. */
export interface JudgedPath extends ProvenPath, PathVerdict {
  /** What became of the second look at it; undefined where there was none. */
  readonly again?: SecondLookRemark;
}

/** One look at a run: what its probes and its witnesses have told. */
export function trialOf(run: RunRecord, witness: RunRecord | undefined): Trial {
  return { run: triedPaths(run), witnesses: witness ? triedPaths(witness) : [] };
}

/** A path judged by one look alone. */
export function judgedPath(path: TriedPath, trial: Trial): JudgedPath {
  const known = proven(path, trial);
  const complete = { ...known, doubt: clockDoubt(known, trial) };
  return { ...complete, ...verdictOf(complete) };
}
