import { expect, it } from "vitest";

import { findings } from "./findings.ts";
import { judgedShop } from "./testing/judgedShop.ts";

it("counts what passed, and adds the operator's own message to each expectation that did not", () => {
  const others = { "orders-never-touch-mysql": { verdict: "Failed", reason: "Open" } } as const;
  expect(findings(judgedShop("WithPolicies", others))).toEqual([
    "9 of 10 expectations passed.",
    "orders-never-touch-mysql (test orders/orders): expected Denied, was Allowed: Failed (Open).",
    "  what was seen of orders-never-touch-mysql",
  ]);
});

it("says in one line that everything passed", () => {
  expect(findings(judgedShop("WithPolicies"))).toEqual(["10 of 10 expectations passed."]);
});
