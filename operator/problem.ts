import type { Reason } from "../crds/reasons.ts";

/** Why something could not be had: a path of an expectation, or the run of a whole spec. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}
