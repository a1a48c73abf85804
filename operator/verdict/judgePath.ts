import { triedPaths, type RunRecord, type TriedPath } from "./evidence.ts";
import type { JudgedPath } from "./messages.ts";
import { proofOf } from "./proof.ts";
import { verdictOf } from "./verdictRules.ts";
import { testimonyOn, testimonyOnWires, type Trial } from "./witnessResult.ts";

/** One look at a run: what its probes and its witnesses have told. */
export function trialOf(run: RunRecord, witness: RunRecord | undefined): Trial {
  return { run: triedPaths(run), witnesses: witness ? triedPaths(witness) : [] };
}

/** A path judged by one look alone. */
export function judgedPath(path: TriedPath, trial: Trial): JudgedPath {
  const proven = {
    path,
    proof: proofOf(path, trial),
    testimony: testimonyOn(path, trial),
    wire: testimonyOnWires(path, trial),
  };
  return { ...proven, ...verdictOf(proven) };
}
