import type { NextCondition } from "../../crds/conditions.ts";
import { CONDITION_MESSAGE_LENGTH } from "../../crds/teststatus.ts";
import type { TestVerdict } from "../../crds/vocabulary.ts";

/** Where a test stands, in the words that its conditions share. */
export interface TestState {
  readonly verdict: TestVerdict;
  readonly reason: string;
  readonly message: string;
  /** The same for a column of a table; left out: `message` is short enough. */
  readonly brief?: string;
  /** Set while a new generation or a requested run is under way: what to say of it. */
  readonly underWay?: string;
}

const PASSED = { Passed: "True", Failed: "False", Inconclusive: "Unknown", Pending: "Unknown" } as const;

/**
 * The conditions of a test. `Ready`, `Reconciling` and `Stalled` follow kstatus, which takes Reconciling for "in
 * progress", Stalled for "failed" and then Ready=True for "current": so Reconciling and Stalled are never there at once.
 */
export function conditionsOf(
  { verdict, reason, message, underWay }: TestState,
  observedGeneration: number,
): NextCondition[] {
  const words = { reason, message: message.slice(0, CONDITION_MESSAGE_LENGTH), observedGeneration };
  const isStalled = underWay === undefined && verdict !== "Passed" && !isWaiting(reason);
  return [
    { type: "Passed", status: PASSED[verdict], ...words },
    { type: "Ready", status: verdict === "Passed" ? "True" : "False", ...words },
    ...(underWay === undefined
      ? []
      : [
          { type: "Reconciling", status: "True", ...words, reason: "InProgress", message: underWay } as const,
        ]),
    ...(isStalled ? [{ type: "Stalled", status: "True", ...words } as const] : []),
  ];
}

/** Nothing is wrong with a test that nobody has let run yet. */
const isWaiting = (reason: string) => reason === "Suspended" || reason === "InProgress";
