import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabelSelector, labelSelectorSchema, selects } from "./selector.ts";

const labels = { app: "ui", tier: "web", empty: "" };

describe("selects, as in a NetworkPolicy", () => {
  const expression = (
    key: string,
    operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
    values?: string[],
  ) => ({
    matchExpressions: [{ key, operator, ...(values && { values }) }],
  });

  it.each<[string, LabelSelector, boolean]>([
    ["an empty selector selects every pod", {}, true],
    ["empty parts select every pod", { matchLabels: {}, matchExpressions: [] }, true],
    ["every label must be there", { matchLabels: { app: "ui", tier: "web" } }, true],
    ["one other value is enough not to", { matchLabels: { app: "ui", tier: "db" } }, false],
    ["a missing label is not the empty value", { matchLabels: { zone: "" } }, false],
    ["an empty value is a value", { matchLabels: { empty: "" } }, true],
    ["In: one of the values", expression("app", "In", ["api", "ui"]), true],
    ["In: none of the values", expression("app", "In", ["api"]), false],
    ["In: no such label", expression("zone", "In", ["a"]), false],
    ["NotIn: one of the values", expression("app", "NotIn", ["ui"]), false],
    ["NotIn: no such label", expression("zone", "NotIn", ["a"]), true],
    ["Exists: with any value", expression("empty", "Exists"), true],
    ["Exists: no such label", expression("zone", "Exists"), false],
    ["DoesNotExist: no such label", expression("zone", "DoesNotExist"), true],
    ["DoesNotExist: with any value", expression("empty", "DoesNotExist"), false],
    [
      "labels and expressions must both hold",
      { matchLabels: { app: "ui" }, ...expression("zone", "Exists") },
      false,
    ],
  ])("%s", (_, selector, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });

  it("never asks the prototype for a label", () => {
    expect(selects(expression("constructor", "Exists"), labels)).toBe(false);
  });

  it("takes In for the opposite of NotIn", () => {
    const word = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.dictionary(word, word), word, fc.array(word, { minLength: 1 }), (pod, key, values) => {
        const inside = selects(expression(key, "In", values), pod);
        expect(selects(expression(key, "NotIn", values), pod)).toBe(!inside);
      }),
    );
  });
});

describe("labelSelectorSchema", () => {
  it.each<[string, unknown, string]>([
    ["a value that would be another query", { matchLabels: { app: "ui,tier!=db" } }, "must be a label value"],
    [
      "a key that would be another query",
      { matchLabels: { "app,tier": "x" } },
      "every key must be a label key",
    ],
    ["a value with a space", { matchLabels: { app: "u i" } }, "must be a label value"],
    ["a value that ends in a hyphen", { matchLabels: { app: "ui-" } }, "must be a label value"],
    [
      "a key with two slashes",
      { matchExpressions: [{ key: "a/b/c", operator: "Exists" }] },
      "must be a label key",
    ],
    ["In without values", { matchExpressions: [{ key: "app", operator: "In" }] }, "values must be set"],
    [
      "Exists with values",
      { matchExpressions: [{ key: "app", operator: "Exists", values: ["a"] }] },
      "omitted for Exists",
    ],
    [
      "33 labels",
      { matchLabels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, "x"])) },
      "at most 32 labels",
    ],
  ])("refuses %s", (_, selector, sentence) => {
    expect(() => labelSelectorSchema.parse(selector)).toThrow(sentence);
  });

  it.each(["app", "app.kubernetes.io/name", "A", "a_b.c-d", "x/1"])("takes the key %s", (key) => {
    expect(labelSelectorSchema.parse({ matchLabels: { [key]: "A.b_c-1" } })).toBeDefined();
  });
});
