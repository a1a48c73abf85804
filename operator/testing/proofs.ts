import type { Proof } from "../../crds/vocabulary.ts";
import { triedPaths } from "../verdict/evidence.ts";
import { proofsOf, proven } from "../verdict/proof.ts";
import { apart, runOf, type PathSketch, type RunSketch } from "./probeRuns.ts";

/** The proof of the first path. */
export function proofIn(paths: readonly PathSketch[], sketch: RunSketch = {}): Proof | undefined {
  const run = triedPaths(runOf({ pods: apart, ...sketch, paths }));
  const [first] = run;
  return first && proofsOf(proven(first, { run, witnesses: [] }));
}
