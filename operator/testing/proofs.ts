import type { Proof } from "../../crds/vocabulary.ts";
import { proofsOf, proven } from "../verdict/proof.ts";
import { runEvidenceOf } from "../verdict/runEvidence.ts";
import { apart, runOf, type PathSketch, type RunSketch } from "./probeRuns.ts";

/** The proof of the first path. */
export function proofIn(paths: readonly PathSketch[], sketch: RunSketch = {}): Proof | undefined {
  const evidence = runEvidenceOf({ run: runOf({ pods: apart, ...sketch, paths }) });
  const [first] = evidence.run;
  return first && proofsOf(proven(first, evidence));
}
