import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { reasonSchema } from "../../crds/reasons.ts";
import { verdictSchema } from "../../crds/vocabulary.ts";
import { DATABASE, type Phase, phaseProblems } from "./phaseProblems.ts";
import { judgedShop, type Judgements, shopTests } from "./testing/judgedShop.ts";

const PHASES: readonly Phase[] = ["WithoutPolicies", "WithPolicies"];
const passed = { verdict: "Passed", reason: "AsExpected" } as const;
const open = { verdict: "Failed", reason: "Open" } as const;
const untimely = { verdict: "Inconclusive", reason: "TargetNotProven" } as const;

it.each<{ when: string; phase: Phase }>([
  {
    when: "without policies, every Denied expectation is open and the others passed",
    phase: "WithoutPolicies",
  },
  { when: "with policies, every expectation passed", phase: "WithPolicies" },
])("there is no problem when $when", ({ phase }) => {
  expect(phaseProblems(phase, judgedShop(phase))).toEqual([]);
});

describe("each difference from what the phase shows is a problem", () => {
  interface Case {
    readonly when: string;
    readonly phase: Phase;
    readonly others: Judgements;
    readonly lines: readonly string[];
  }

  it.each<Case>([
    {
      when: "the database is denied without policies",
      phase: "WithoutPolicies",
      others: { [DATABASE]: passed },
      lines: [
        `${DATABASE} (test orders/orders): netverdict reports Passed (AsExpected), the demo expects Failed (Open).`,
      ],
    },
    {
      when: "another path is denied without policies",
      phase: "WithoutPolicies",
      others: { "catalog-never-calls-orders": passed },
      lines: [
        "catalog-never-calls-orders (test catalog/catalog): netverdict reports Passed (AsExpected), the demo expects Failed (Open).",
      ],
    },
    {
      when: "the database is open only now and then without policies",
      phase: "WithoutPolicies",
      others: { [DATABASE]: { verdict: "Failed", reason: "OpenSometimes" } },
      lines: [
        `${DATABASE} (test orders/orders): netverdict reports Failed (OpenSometimes), the demo expects Failed (Open).`,
      ],
    },
    {
      when: "the database is open with policies",
      phase: "WithPolicies",
      others: { [DATABASE]: open },
      lines: [
        `${DATABASE} (test orders/orders): netverdict reports Failed (Open), the demo expects Passed (AsExpected).`,
      ],
    },
    {
      when: "two expectations of two tests differ",
      phase: "WithPolicies",
      others: {
        "orders-read-catalog": { verdict: "Failed", reason: "Blocked" },
        "ui-resolves-names": untimely,
      },
      lines: [
        "orders-read-catalog (test orders/orders): netverdict reports Failed (Blocked), the demo expects Passed (AsExpected).",
        "ui-resolves-names (test ui/ui): netverdict reports Inconclusive (TargetNotProven), the demo expects Passed (AsExpected).",
      ],
    },
    {
      when: "an expectation has no verdict",
      phase: "WithPolicies",
      others: { [DATABASE]: undefined },
      lines: [`${DATABASE} (test orders/orders): netverdict reports no verdict.`],
    },
  ])("when $when", ({ phase, others, lines }) => {
    const problems = phaseProblems(phase, judgedShop(phase, others));
    expect(problems.filter((line) => !line.startsWith(" "))).toEqual(expect.arrayContaining([...lines]));
    expect(problems.filter((line) => !line.startsWith(" "))).toHaveLength(lines.length);
  });

  it("with the operator's message below it", () => {
    const problems = phaseProblems("WithPolicies", judgedShop("WithPolicies", { [DATABASE]: untimely }));
    expect(problems[1]).toBe(`  what was seen of ${DATABASE}`);
  });

  it("when a test's own verdict is not the one that follows from its expectations", () => {
    const message = "the run could not start: exceeded quota";
    const tests = judgedShop("WithPolicies").map((test) =>
      test.metadata.name === "orders"
        ? connectivityTestSchema.parse({
            ...test,
            status: { ...test.status, verdict: "Inconclusive", message },
          })
        : test,
    );
    expect(phaseProblems("WithPolicies", tests)).toEqual([
      "test orders/orders: netverdict reports Inconclusive, the demo expects Passed.",
      `  ${message}`,
    ]);
  });

  it.each(PHASES)("when there are no tests (%s)", (phase) => {
    expect(phaseProblems(phase, [])).toEqual([`${DATABASE}: no test of the shop has this expectation.`]);
  });

  it.each(PHASES)("when no test has a status (%s)", (phase) => {
    expect(phaseProblems(phase, shopTests)).not.toEqual([]);
  });
});

it("there is no problem exactly if every verdict is the one that the phase shows", () => {
  const declared = shopTests.flatMap(({ spec }) => spec.expectations.map(({ name }) => name));
  const judgement = fc.record({
    verdict: fc.constantFrom(...verdictSchema.options),
    reason: fc.constantFrom(...reasonSchema.options),
  });
  const someJudged = fc.dictionary(fc.constantFrom(...declared), judgement, { maxKeys: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...PHASES), someJudged, (phase, others) => {
      const tests = judgedShop(phase, others);
      const isAsShown = isDeepStrictEqual(tests, judgedShop(phase));
      expect(phaseProblems(phase, tests).length === 0).toBe(isAsShown);
    }),
  );
});
