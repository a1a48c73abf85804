import { clockDoubt } from "./clockDoubt.ts";
import { withNodeClocks } from "./clocks.ts";
import { triedPaths, type RunRecord, type TriedPath } from "./evidence.ts";
import type { JudgedPath } from "./messages.ts";
import { proofOf } from "./proof.ts";
import { verdictOf } from "./verdictRules.ts";
import { testimonyOn, testimonyOnWires, type Trial } from "./witnessResult.ts";

/** One look at a run: what its probes and its witnesses have told, with what all of them show of their nodes' clocks. */
export function trialOf(run: RunRecord, witness: RunRecord | undefined): Trial {
  const all = [...run.status.pods, ...(witness?.status.pods ?? [])];
  const dated = ({ spec, status }: RunRecord): RunRecord => ({
    spec,
    status: { ...status, pods: withNodeClocks(status.pods, all) },
  });
  return { run: triedPaths(dated(run)), witnesses: witness ? triedPaths(dated(witness)) : [] };
}

/** A path judged by one look alone. */
export function judgedPath(path: TriedPath, trial: Trial): JudgedPath {
  const proof = proofOf(path, trial);
  const proven = {
    path,
    proof,
    testimony: testimonyOn(path, trial),
    wire: testimonyOnWires(path, trial),
    doubt: clockDoubt(path, proof, trial),
  };
  return { ...proven, ...verdictOf(proven) };
}
