import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { type Reason, reasonSchema } from "../../crds/reasons.ts";
import { verdictSchema } from "../../crds/vocabulary.ts";
import { DATABASE, MAX_REPEATS, nextStep, type Phase, type Step } from "./nextStep.ts";
import { judgedShop, type Judgements, shopTests } from "./testing/judgedShop.ts";
import { isTransient } from "./transient.ts";

const PHASES: readonly Phase[] = ["WithoutPolicies", "WithPolicies"];
const passed = { verdict: "Passed", reason: "AsExpected" } as const;
const open = { verdict: "Failed", reason: "Open" } as const;
const inconclusive = (reason: Reason) => ({ verdict: "Inconclusive", reason }) as const;
const untimely = inconclusive("TargetNotProven");
const ORDERS = { namespace: "orders", name: "orders" };
const UI = { namespace: "ui", name: "ui" };

interface Case {
  readonly when: string;
  readonly phase: Phase;
  readonly others?: Judgements;
  readonly repeats?: number;
}

/** What the step says of each expectation, without the operator's messages below. */
const headlinesOf = (step: Step) => ("why" in step ? step.why.filter((line) => !line.startsWith(" ")) : []);

const stepOf = ({ phase, others = {}, repeats = 0 }: Omit<Case, "when">) =>
  nextStep({ phase, tests: judgedShop(phase, others), repeats });

describe("continues", () => {
  it.each<Case>([
    {
      when: "without policies, every Denied expectation is open and the others passed",
      phase: "WithoutPolicies",
    },
    { when: "with policies, every expectation passed", phase: "WithPolicies" },
    { when: "the last repeat decided everything", phase: "WithPolicies", repeats: MAX_REPEATS },
  ])("when $when", (observed) => {
    expect(stepOf(observed)).toEqual({ action: "Continue" });
  });
});

describe("runs again the tests with an Inconclusive expectation, and no others", () => {
  it.each<Case & { readonly tests: readonly object[] }>([
    {
      when: "one denial is not proven",
      phase: "WithPolicies",
      others: { [DATABASE]: untimely },
      tests: [ORDERS],
    },
    {
      when: "two expectations of one test are Inconclusive",
      phase: "WithPolicies",
      others: { [DATABASE]: untimely, "orders-never-call-ui": inconclusive("LinkNotProven") },
      tests: [ORDERS],
    },
    {
      when: "two tests are Inconclusive",
      phase: "WithPolicies",
      others: { [DATABASE]: untimely, "ui-resolves-names": inconclusive("ProbeNotRun") },
      tests: [ORDERS, UI],
    },
    {
      when: "a test is Failed, as the demo expects, and one of its expectations is Inconclusive",
      phase: "WithoutPolicies",
      others: { [DATABASE]: inconclusive("ProbeNotRun") },
      tests: [ORDERS],
    },
    {
      when: "there is one repeat left",
      phase: "WithPolicies",
      others: { [DATABASE]: untimely },
      repeats: MAX_REPEATS - 1,
      tests: [ORDERS],
    },
  ])("when $when", ({ tests, ...observed }) => {
    expect(stepOf(observed)).toMatchObject({ action: "RunAgain", tests });
  });

  it("names the expectation, its test, the reason, and the operator's message", () => {
    expect(stepOf({ phase: "WithPolicies", others: { [DATABASE]: untimely } })).toMatchObject({
      why: [
        `${DATABASE} (test orders/orders): netverdict reports Inconclusive (TargetNotProven), which another run can change.`,
        `  what was seen of ${DATABASE}`,
      ],
    });
  });
});

describe("fails at once", () => {
  it.each<Case & { readonly why: readonly string[] }>([
    {
      when: "the database is denied without policies",
      phase: "WithoutPolicies",
      others: { [DATABASE]: passed },
      why: [
        `${DATABASE} (test orders/orders): netverdict reports Passed (AsExpected), the demo expects Failed (Open).`,
      ],
    },
    {
      when: "another path is denied without policies",
      phase: "WithoutPolicies",
      others: { "catalog-never-calls-orders": passed },
      why: [
        "catalog-never-calls-orders (test catalog/catalog): netverdict reports Passed (AsExpected), the demo expects Failed (Open).",
      ],
    },
    {
      when: "the database is open only now and then without policies",
      phase: "WithoutPolicies",
      others: { [DATABASE]: { verdict: "Failed", reason: "OpenSometimes" } },
      why: [
        `${DATABASE} (test orders/orders): netverdict reports Failed (OpenSometimes), the demo expects Failed (Open).`,
      ],
    },
    {
      when: "the database is open with policies",
      phase: "WithPolicies",
      others: { [DATABASE]: open },
      why: [
        `${DATABASE} (test orders/orders): netverdict reports Failed (Open), the demo expects Passed (AsExpected).`,
      ],
    },
    {
      when: "an allowed path is blocked with policies",
      phase: "WithPolicies",
      others: { "orders-read-catalog": { verdict: "Failed", reason: "Blocked" } },
      why: [
        "orders-read-catalog (test orders/orders): netverdict reports Failed (Blocked), the demo expects Passed (AsExpected).",
      ],
    },
    {
      when: "another test has a reason that another run can change, which is then not listed",
      phase: "WithPolicies",
      others: { [DATABASE]: open, "ui-never-touches-mysql": untimely },
      why: [
        `${DATABASE} (test orders/orders): netverdict reports Failed (Open), the demo expects Passed (AsExpected).`,
      ],
    },
    {
      when: "one reason is lasting and another is not",
      phase: "WithPolicies",
      others: { [DATABASE]: untimely, "ui-never-touches-mysql": inconclusive("SourceNotFound") },
      why: [
        "ui-never-touches-mysql (test ui/ui): netverdict reports Inconclusive (SourceNotFound), which another run cannot change.",
      ],
    },
    {
      when: "an expectation has no verdict",
      phase: "WithPolicies",
      others: { [DATABASE]: undefined },
      why: [`${DATABASE} (test orders/orders): netverdict reports no verdict.`],
    },
  ])("when $when", ({ why, ...observed }) => {
    const step = stepOf(observed);
    expect(step.action).toBe("Fail");
    expect(headlinesOf(step)).toEqual(why);
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
    expect(nextStep({ phase: "WithPolicies", tests, repeats: 0 })).toEqual({
      action: "Fail",
      why: ["test orders/orders: netverdict reports Inconclusive, the demo expects Passed.", `  ${message}`],
    });
  });

  it.each(PHASES)("when there are no tests (%s)", (phase) => {
    const why = [`${DATABASE}: no test of the shop has this expectation.`];
    expect(nextStep({ phase, tests: [], repeats: 0 })).toEqual({ action: "Fail", why });
  });

  it.each(PHASES)("when no test has a status (%s)", (phase) => {
    expect(nextStep({ phase, tests: shopTests, repeats: 0 }).action).toBe("Fail");
  });
});

it.each(reasonSchema.options)(
  "runs an Inconclusive test again for %s only if another run can change that",
  (reason) => {
    const step = stepOf({ phase: "WithPolicies", others: { [DATABASE]: inconclusive(reason) } });
    expect(step.action).toBe(isTransient(reason) ? "RunAgain" : "Fail");
  },
);

it("fails after the last repeat and says so, below the expectation, the reason and the message", () => {
  const others = { [DATABASE]: untimely };
  expect(stepOf({ phase: "WithPolicies", others, repeats: MAX_REPEATS })).toEqual({
    action: "Fail",
    why: [
      expect.stringMatching(new RegExp(`^${DATABASE} .*Inconclusive \\(TargetNotProven\\)`)),
      `  what was seen of ${DATABASE}`,
      "netverdict still reports Inconclusive after 3 more runs. Run the demo again when the machine is less busy.",
    ],
  });
});

it("continues exactly if every verdict is the one that the phase shows, and never runs a decided test again", () => {
  const declared = shopTests.flatMap(({ spec }) => spec.expectations.map(({ name }) => name));
  const judgement = fc.record({
    verdict: fc.constantFrom(...verdictSchema.options),
    reason: fc.constantFrom(...reasonSchema.options),
  });
  const someJudged = fc.dictionary(fc.constantFrom(...declared), judgement, { maxKeys: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...PHASES), someJudged, fc.nat(5), (phase, others, repeats) => {
      const tests = judgedShop(phase, others);
      const step = nextStep({ phase, tests, repeats });
      expect(step.action === "Continue").toBe(isDeepStrictEqual(tests, judgedShop(phase)));
      expect(step.action === "RunAgain" && repeats >= MAX_REPEATS).toBe(false);
      const undecided = tests.filter(({ status }) =>
        status.expectations?.some(({ verdict }) => verdict === "Inconclusive"),
      );
      const names = undecided.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
      expect("tests" in step ? step.tests : names).toEqual(names);
    }),
  );
});
