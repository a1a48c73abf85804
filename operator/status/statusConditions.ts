import type { NextCondition } from "../../crds/conditions.ts";
import type { TestVerdict } from "../../crds/vocabulary.ts";
import { fitConditionMessage } from "../../probes/messageLength.ts";

/** A run that takes `Ready` away: in progress, or queued. */
export interface RunProgress {
  readonly reason: "InProgress" | "Queued";
  readonly message: string;
}

/** The state of a test, with the texts that its conditions share. */
export interface TestState {
  readonly verdict: TestVerdict;
  readonly reason: string;
  readonly message: string;
  /** A shorter message for the column of a table. Default: `message`. */
  readonly brief?: string;
  /** Set while a run takes `Ready` away. */
  readonly underWay?: RunProgress;
}

const PASSED = { Passed: "True", Failed: "False", Inconclusive: "Unknown", Pending: "Unknown" } as const;

/**
 * Returns the conditions of a test. `Ready`, `Reconciling` and `Stalled` follow kstatus, which reads Reconciling as
 * "in progress", Stalled as "failed" and otherwise Ready=True as "current". So Reconciling and Stalled are never both
 * present.
 */
export function conditionsOf(
  { verdict, reason, message, underWay }: TestState,
  observedGeneration: number,
): NextCondition[] {
  const words = { reason, message: fitConditionMessage(message), observedGeneration };
  const progress = underWay && { ...words, ...underWay };
  const isStalled = underWay === undefined && verdict !== "Passed" && !isWaiting(reason);
  return [
    { type: "Passed", status: PASSED[verdict], ...words },
    progress
      ? { type: "Ready", status: "Unknown", ...progress }
      : { type: "Ready", status: verdict === "Passed" ? "True" : "False", ...words },
    ...(progress ? [{ type: "Reconciling", status: "True", ...progress } as const] : []),
    ...(isStalled ? [{ type: "Stalled", status: "True", ...words } as const] : []),
  ];
}

/** A test that waits for its first run has no problem. */
const isWaiting = (reason: string) => ["Suspended", "InProgress", "Queued"].includes(reason);
