import * as fc from "fast-check";
import { expect, it } from "vitest";
import { backoffDelay } from "./backoff.ts";

it.each([
  [0, 0],
  [1, 100],
  [2, 200],
  [5, 1_600],
  [9, 20_000],
  [10_000, 20_000],
])("after %i failures the longest wait is %i ms", (failures, wait) => {
  expect(backoffDelay({ base: 100, cap: 20_000 }, failures, () => 0)).toBe(wait);
});

it("is never more than the cap and never less than half of what it would be without chance", () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const backoff = { base: 100, cap: 20_000 };
        const longest = backoffDelay(backoff, failures, () => 0);
        const delay = backoffDelay(backoff, failures, () => random);
        expect(delay).toBeLessThanOrEqual(Math.min(longest, 20_000));
        expect(delay).toBeGreaterThanOrEqual(longest / 2);
      },
    ),
  );
});
