import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseAllDocuments } from "yaml";

import {
  type ConnectivityTest,
  connectivityTestSchema,
  type ExpectationStatus,
} from "../../../crds/connectivitytest.ts";
import type { Actual, Expect, Verdict } from "../../../crds/vocabulary.ts";
import type { Phase } from "../phaseProblems.ts";

const FILE = join(import.meta.dirname, "../../shop/tests.yaml");

/** The shop's own tests as a user applies them, without a status. */
export const shopTests: readonly ConnectivityTest[] = parseAllDocuments(await readFile(FILE, "utf8")).map(
  (document) => connectivityTestSchema.parse(document.toJS()),
);

type Judgement = Pick<ExpectationStatus, "verdict" | "reason">;
/** Verdicts by the name of the expectation; undefined: the status does not have it. */
export type Judgements = Readonly<Record<string, Judgement | undefined>>;

/** The shop's tests as the operator reports them in a phase where all is as it should be, but for these expectations. */
export function judgedShop(phase: Phase, others: Judgements = {}): readonly ConnectivityTest[] {
  return shopTests.map((test) => {
    const expectations = test.spec.expectations.flatMap(({ name, expect }) => {
      const judged = Object.hasOwn(others, name) ? others[name] : usual(phase, expect);
      return judged ? [statusOf(name, expect, judged)] : [];
    });
    const verdicts = expectations.map(({ verdict }) => verdict);
    const verdict = WORST_FIRST.find((one) => verdicts.includes(one)) ?? "Inconclusive";
    return connectivityTestSchema.parse({ ...test, status: { verdict, expectations } });
  });
}

const WORST_FIRST: readonly Verdict[] = ["Failed", "Inconclusive", "Passed"];

const usual = (phase: Phase, expect: Expect): Judgement =>
  phase === "WithoutPolicies" && expect === "Denied"
    ? { verdict: "Failed", reason: "Open" }
    : { verdict: "Passed", reason: "AsExpected" };

function statusOf(name: string, expected: Expect, { verdict, reason }: Judgement): ExpectationStatus {
  const actual: Readonly<Record<Verdict, Actual>> = {
    Passed: expected,
    Failed: expected === "Denied" ? "Allowed" : "Denied",
    Inconclusive: "Unknown",
  };
  return {
    name,
    expected,
    actual: actual[verdict],
    verdict,
    reason,
    message: `what was seen of ${name}`,
    lastTransitionTime: "2026-11-21T12:00:00Z",
    pathCount: 1,
    paths: [],
  };
}
