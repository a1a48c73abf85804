import type { ConnectivityTest, ExpectationStatus } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Expect, TestVerdict } from "../../crds/vocabulary.ts";
import { subject } from "./findings.ts";

/** The demo judges the shop twice: before the NetworkPolicies are applied, and after. */
export type Phase = "WithoutPolicies" | "WithPolicies";

/** The demo is about this expectation: the database is open without policies, and denied with them. */
export const DATABASE = "orders-never-touch-mysql";

type Wanted = Pick<ExpectationStatus, "verdict" | "reason">;

const PASSED: Wanted = { verdict: "Passed", reason: "AsExpected" };
const OPEN: Wanted = { verdict: "Failed", reason: "Open" };

/** Which verdict the demo is there to show, by the phase and by what the expectation declares. */
const WANTED: Readonly<Record<Phase, Readonly<Record<Expect, Wanted>>>> = {
  WithoutPolicies: { Allowed: PASSED, Denied: OPEN },
  WithPolicies: { Allowed: PASSED, Denied: PASSED },
};

/**
 * Returns where the shop's tests, after their runs, differ from what the phase shows, line by line; empty: nowhere. The
 * operator has repeated a run that was Inconclusive for a transient reason, so every difference counts.
 */
export function phaseProblems(phase: Phase, tests: readonly ConnectivityTest[]): readonly string[] {
  return [...databaseMissing(tests), ...tests.flatMap((test) => problemsOf(test, phase))];
}

function problemsOf(test: ConnectivityTest, phase: Phase): readonly string[] {
  const found = test.spec.expectations.flatMap(({ name, expect }) => {
    const about = subject(test.metadata, name);
    const status = test.status.expectations?.find((other) => other.name === name);
    if (!status) return [`${about}: netverdict reports no verdict.`];
    const { verdict, reason, message } = status;
    const wanted = WANTED[phase][expect];
    if (verdict === wanted.verdict && reason === wanted.reason) return [];
    const expected = `the demo expects ${wanted.verdict} (${wanted.reason})`;
    return [`${about}: netverdict reports ${verdict} (${reason}), ${expected}.`, `  ${message}`];
  });
  return found.length > 0 ? found : problemsOfWhole(test, phase);
}

/** The operator keeps the expectations of the last run, and takes back the test's verdict, if a test can no longer run. */
function problemsOfWhole({ metadata, spec, status }: ConnectivityTest, phase: Phase): readonly string[] {
  const verdicts = spec.expectations.map(({ expect }) => WANTED[phase][expect].verdict);
  const wanted: TestVerdict = verdicts.includes("Failed") ? "Failed" : "Passed";
  const { verdict = "Pending", message = "" } = status;
  if (verdict === wanted) return [];
  return [
    `test ${keyOf(metadata)}: netverdict reports ${verdict}, the demo expects ${wanted}.`,
    `  ${message}`,
  ];
}

/** Guards against a phase that shows nothing. */
function databaseMissing(tests: readonly ConnectivityTest[]): readonly string[] {
  const names = tests.flatMap(({ spec }) => spec.expectations.map(({ name }) => name));
  return names.includes(DATABASE) ? [] : [`${DATABASE}: no test of the shop has this expectation.`];
}
