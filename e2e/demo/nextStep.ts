import type { ConnectivityTest, ExpectationStatus } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Expect, TestVerdict } from "../../crds/vocabulary.ts";
import type { TestName } from "../kube/connectivityTests.ts";
import { subject } from "./findings.ts";
import { isTransient } from "./transient.ts";

/** The demo judges the shop twice: before the NetworkPolicies are applied, and after. */
export type Phase = "WithoutPolicies" | "WithPolicies";

/** How often a phase's Inconclusive tests are run again. */
export const MAX_REPEATS = 3;

/** The demo is about this expectation: the database is open without policies, and denied with them. */
export const DATABASE = "orders-never-touch-mysql";

export interface Observed {
  readonly phase: Phase;
  /** Each of the shop's tests, after its last run. */
  readonly tests: readonly ConnectivityTest[];
  /** How often Inconclusive tests of this phase were run again. */
  readonly repeats: number;
}

/** What the demo does next. `why` is meant to be printed, line by line. */
export type Step =
  | { readonly action: "Continue" }
  | { readonly action: "RunAgain"; readonly tests: readonly TestName[]; readonly why: readonly string[] }
  | { readonly action: "Fail"; readonly why: readonly string[] };

type Wanted = Pick<ExpectationStatus, "verdict" | "reason">;

const PASSED: Wanted = { verdict: "Passed", reason: "AsExpected" };
const OPEN: Wanted = { verdict: "Failed", reason: "Open" };

/** Which verdict the demo is there to show, by the phase and by what the expectation declares. */
const WANTED: Readonly<Record<Phase, Readonly<Record<Expect, Wanted>>>> = {
  WithoutPolicies: { Allowed: PASSED, Denied: OPEN },
  WithPolicies: { Allowed: PASSED, Denied: PASSED },
};

/**
 * Continue if every expectation has the verdict that the phase shows. Fail on a wrong verdict, on an Inconclusive one
 * that another run cannot change, and after MAX_REPEATS repeats. Otherwise the tests with an Inconclusive expectation, and
 * no others, are run again.
 */
export function nextStep({ phase, tests, repeats }: Observed): Step {
  const deviations = tests.flatMap((test) => deviationsOf(test, phase));
  const fatal = deviations.filter(({ kind }) => kind !== "Transient");
  const why = [...databaseMissing(tests), ...fatal.flatMap((deviation) => deviation.lines)];
  if (why.length > 0) return { action: "Fail", why };
  if (deviations.length === 0) return { action: "Continue" };
  const lines = deviations.flatMap((deviation) => deviation.lines);
  return repeats < MAX_REPEATS
    ? { action: "RunAgain", tests: testsOf(deviations), why: lines }
    : { action: "Fail", why: [...lines, exhausted(repeats)] };
}

/** Where a test differs from what the phase shows. Only a Transient one can be gone after another run. */
interface Deviation {
  readonly kind: "Wrong" | "Lasting" | "Transient";
  readonly test: TestName;
  readonly lines: readonly string[];
}

function deviationsOf(test: ConnectivityTest, phase: Phase): readonly Deviation[] {
  const found = test.spec.expectations.flatMap(({ name, expect }) => {
    const status = test.status.expectations?.find((other) => other.name === name);
    return deviationOf({ test: nameOf(test), name, wanted: WANTED[phase][expect], status }) ?? [];
  });
  return found.length > 0 ? found : deviationOfWhole(test, phase);
}

interface Compared {
  readonly test: TestName;
  /** Of the expectation. */
  readonly name: string;
  readonly wanted: Wanted;
  readonly status: ExpectationStatus | undefined;
}

function deviationOf({ test, name, wanted, status }: Compared): Deviation | undefined {
  const about = subject(test, name);
  if (status === undefined)
    return { kind: "Wrong", test, lines: [`${about}: netverdict reports no verdict.`] };
  const { verdict, reason, message } = status;
  if (verdict === wanted.verdict && reason === wanted.reason) return undefined;
  const kind = verdict !== "Inconclusive" ? "Wrong" : isTransient(reason) ? "Transient" : "Lasting";
  const observation = `${about}: netverdict reports ${verdict} (${reason})`;
  return { kind, test, lines: [`${observation}${remark(kind, wanted)}.`, `  ${message}`] };
}

function remark(kind: Deviation["kind"], { verdict, reason }: Wanted): string {
  switch (kind) {
    case "Wrong":
      return `, the demo expects ${verdict} (${reason})`;
    case "Lasting":
      return ", which another run cannot change";
    case "Transient":
      return ", which another run can change";
  }
}

/** The operator keeps the expectations of the last run, and takes back the test's verdict, if a test can no longer run. */
function deviationOfWhole(test: ConnectivityTest, phase: Phase): readonly Deviation[] {
  const verdicts = test.spec.expectations.map(({ expect }) => WANTED[phase][expect].verdict);
  const wanted: TestVerdict = verdicts.includes("Failed") ? "Failed" : "Passed";
  const { verdict = "Pending", message = "" } = test.status;
  if (verdict === wanted) return [];
  const line = `test ${keyOf(test.metadata)}: netverdict reports ${verdict}, the demo expects ${wanted}.`;
  return [{ kind: "Wrong", test: nameOf(test), lines: [line, `  ${message}`] }];
}

/** Guards against a phase that shows nothing. */
function databaseMissing(tests: readonly ConnectivityTest[]): readonly string[] {
  const names = tests.flatMap(({ spec }) => spec.expectations.map(({ name }) => name));
  return names.includes(DATABASE) ? [] : [`${DATABASE}: no test of the shop has this expectation.`];
}

const exhausted = (repeats: number) =>
  `netverdict still reports Inconclusive after ${repeats} more runs. Run the demo again when the machine is less busy.`;

const nameOf = ({ metadata: { namespace, name } }: ConnectivityTest): TestName => ({ namespace, name });

/** Each test once. */
function testsOf(deviations: readonly Deviation[]): readonly TestName[] {
  return [...new Map(deviations.map(({ test }) => [keyOf(test), test])).values()];
}
