import { expect, it } from "vitest";
import { createRateLimit } from "./rateLimit.ts";

it("a key has its number of requests in each minute, independent of other keys", () => {
  let time = 0;
  const limit = createRateLimit(2, () => time);
  expect([limit("a"), limit("a"), limit("b")]).toEqual([undefined, undefined, undefined]);
  time = 45_500;
  expect([limit("a"), limit("b")]).toEqual([15, undefined]);
  time = 60_000;
  expect(limit("a")).toBeUndefined();
});
