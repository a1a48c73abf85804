import type { ReportedVerdict } from "./report.ts";

/** A mark of the legend: a sign that needs no colour, and its meaning. */
export interface Mark {
  readonly sign: string;
  readonly meaning: string;
}

export const VERDICT_MARKS: Readonly<Record<ReportedVerdict, Mark>> = {
  Passed: { sign: "✓", meaning: "Passed: as expected, and proven" },
  Failed: { sign: "✗", meaning: "Failed: not as expected" },
  Inconclusive: { sign: "?", meaning: "Inconclusive: nothing was proven" },
  Pending: { sign: "…", meaning: "Pending: no result that still holds" },
};

export const EXPECTATION_MARKS: Readonly<Record<string, Mark>> = {
  Allowed: { sign: "→", meaning: "expected Allowed" },
  Denied: { sign: "⊘", meaning: "expected Denied" },
};
