import { describe, expect, it } from "vitest";
import { z } from "zod";
import { exactlyOne, matching, withRules } from "./validationRules.ts";

describe("withRules", () => {
  const even = { cel: "self % 2 == 0", message: "must be even", holds: (value: number) => value % 2 === 0 };
  const positive = { cel: "self > 0", message: "must be positive", holds: (value: number) => value > 0 };
  const schema = withRules(z.int().describe("A number."), [even, positive]);

  it("refuses by every rule that does not hold, with its sentence", () => {
    expect(schema.safeParse(-1).error?.issues.map(({ message }) => message)).toEqual([
      "must be even",
      "must be positive",
    ]);
  });

  it("takes what all rules hold for", () => {
    expect(schema.parse(2)).toBe(2);
  });

  it("keeps what was said about the schema", () => {
    expect(schema.meta()).toEqual({
      description: "A number.",
      "x-kubernetes-validations": [
        { rule: "self % 2 == 0", message: "must be even" },
        { rule: "self > 0", message: "must be positive" },
      ],
    });
  });
});

describe("exactlyOne", () => {
  const rule = exactlyOne(["a", "b"]);

  it.each([
    [{}, false],
    [{ a: 1 }, true],
    [{ b: {} }, true],
    [{ a: undefined, b: 0 }, true],
    [{ a: 1, b: 2 }, false],
  ])("of %j: %s", (value, holds) => {
    expect(rule.holds(value)).toBe(holds);
  });

  it("names the fields in the expression and in the sentence", () => {
    expect(rule).toMatchObject({
      cel: "[has(self.a), has(self.b)].filter(set, set).size() == 1",
      message: "exactly one of a, b must be set",
    });
  });
});

describe("matching", () => {
  it("writes the pattern as a raw text of CEL, where a slash needs no escape", () => {
    expect(matching(/^\/[a-z.]*\.$/, "").cel).toBe(String.raw`self.matches(r'^/[a-z.]*\.$')`);
  });

  it("holds for texts that match", () => {
    const { holds } = matching(/^[a-z]+$/, "");
    expect([holds("abc"), holds("a1")]).toEqual([true, false]);
  });
});
