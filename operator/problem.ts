import type { Reason } from "../crds/reasons.ts";

/** Why a spec cannot be run at all. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}
