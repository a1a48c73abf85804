import { expect, it } from "vitest";

import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { cameAsTold, findings } from "./story.ts";

type Verdict = "Passed" | "Inconclusive" | "Failed";

const name = "orders-never-touch-mysql";

function orders(verdict: Verdict, actual: "Allowed" | "Denied"): ConnectivityTest {
  const declared = {
    from: { podSelector: {} },
    to: { service: { name: "catalog-mysql" } },
    tcp: { port: 3306 },
  };
  const expectation = {
    name,
    expected: "Denied",
    actual,
    verdict,
    reason: verdict === "Failed" ? "Open" : "AsExpected",
    message: `it was ${actual}`,
    lastTransitionTime: "2026-11-21T12:00:00Z",
    pathCount: 2,
  };
  return connectivityTestSchema.parse({
    metadata: { name: "orders", namespace: "orders" },
    spec: { expectations: [{ name, ...declared, expect: "Denied" }] },
    status: { verdict, expectations: [expectation] },
  });
}

const open = orders("Failed", "Allowed");
const guarded = orders("Passed", "Denied");

it("tells what did not pass in the operator's own words", () => {
  expect(findings([open])).toEqual([`orders/${name}: Failed, expected Denied, was Allowed. it was Allowed`]);
  expect(findings([guarded])).toEqual(["Every expectation holds."]);
});

it.each([
  { when: "open, then guarded", before: [open], after: [guarded], told: true },
  { when: "guarded from the start", before: [guarded], after: [guarded], told: false },
  { when: "still open", before: [open], after: [open], told: false },
  { when: "not proven", before: [open], after: [orders("Inconclusive", "Denied")], told: false },
  { when: "no tests", before: [], after: [], told: false },
])("came as told when $when: $told", ({ before, after, told }) => {
  expect(cameAsTold(before, after)).toBe(told);
});
