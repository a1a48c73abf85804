import { expect, it } from "vitest";
import { createJustMade } from "./mutationCache.ts";

function setUp() {
  let time = 0;
  const made = createJustMade<string>({ lifetime: 5_000, now: () => new Date(time) });
  return { made, pass: (milliseconds: number) => void (time += milliseconds) };
}

it("what was just made is remembered for its lifetime and no longer", () => {
  const { made, pass } = setUp();
  made.set("a", "one");
  pass(4_999);
  expect(made.get("a")).toBe("one");
  expect(made.until("a")).toEqual(new Date(5_000));
  pass(1);
  expect(made.get("a")).toBeUndefined();
  expect(made.until("a")).toBeUndefined();
});

it("what is made again is remembered anew", () => {
  const { made, pass } = setUp();
  made.set("a", "one");
  pass(4_000);
  made.set("a", "two");
  pass(4_000);
  expect(made.get("a")).toBe("two");
  expect(made.get("b")).toBeUndefined();
});
