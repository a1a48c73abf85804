import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { specDigest } from "../planning/specDigest.ts";

interface TestedSpec {
  readonly generation: number;
  readonly specDigest?: string | undefined;
}

/**
 * Reports whether a run has tested the current spec of a test: it has the same generation, or nothing but `suspend`
 * has changed since.
 */
export const hasTestedSpec = (
  { metadata, spec }: Pick<ConnectivityTest, "metadata" | "spec">,
  run: TestedSpec,
): boolean =>
  run.generation === metadata.generation ||
  (run.specDigest !== undefined && run.specDigest === specDigest(spec));
