import type { Expect, Verdict } from "../../crds/vocabulary.ts";

/** What a run has said about one connection. */
export interface Result {
  readonly connection: string;
  readonly expected: Expect;
  readonly verdict: Verdict;
}

export type Opinion =
  | "right"
  | "wrong"
  // The connection changed during the run, and one of its states makes the verdict right.
  | "either"
  // No verdict, which is never wrong.
  | "none";

/** Judges a verdict by the states alone that the connection can have had while the run was in progress. */
export function opinionOf({ expected, verdict }: Result, states: ReadonlySet<boolean>): Opinion {
  if (verdict === "Inconclusive") return "none";
  const verdicts = [...states].map((isOpen) => (isOpen === (expected === "Allowed") ? "Passed" : "Failed"));
  if (!verdicts.includes(verdict)) return "wrong";
  return states.size === 1 ? "right" : "either";
}
