import { describe, expect, it } from "vitest";
import { z } from "zod";
import { customResourceDefinitions } from "./crd.ts";
import type { SchemaNode } from "./schema.ts";
import { structuralSchema } from "./schema.ts";
import { violations } from "./structural.ts";

/** A root that holds the node as its one field. */
const holding = (node: SchemaNode): SchemaNode => ({ type: "object", properties: { field: node } });
const text: SchemaNode = { type: "string" };

describe("violations", () => {
  it.each(customResourceDefinitions().map((crd) => [crd.spec.names.kind, crd] as const))(
    "finds none in %s",
    (_, crd) => {
      expect(violations(crd.spec.versions[0].schema.openAPIV3Schema)).toEqual([]);
    },
  );

  it.each<[string, SchemaNode, string]>([
    ["no type", {}, "properties[field].type: must not be empty"],
    ["an array of nothing", { type: "array" }, "properties[field].items: must be specified"],
    [
      "a fault deep inside",
      { type: "array", items: { type: "object", additionalProperties: {} } },
      "properties[field].items.additionalProperties.type: must not be empty",
    ],
    [
      "fields and a map at once",
      { type: "object", properties: { a: text }, additionalProperties: text },
      "properties[field].additionalProperties: and properties are mutually exclusive",
    ],
    [
      "a closed object",
      { type: "object", additionalProperties: false },
      "additionalProperties: must not be false",
    ],
    [
      "a union",
      { type: "object", anyOf: [{ required: ["a"] }] },
      "anyOf: only the bare union of int-or-string",
    ],
    ["oneOf", { type: "object", oneOf: [] }, "oneOf: is not a keyword of a structural schema"],
    ["a reference", { $ref: "#/a" }, "$ref: is not a keyword of a structural schema"],
    [
      "an int-or-string with bounds in its union",
      { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer", minimum: 1 }, { type: "string" }] },
      "anyOf: only the bare union of int-or-string",
    ],
    [
      "an int-or-string with a type",
      { "x-kubernetes-int-or-string": true, type: "string" },
      "type: must be empty for int-or-string",
    ],
    [
      "an int-or-string that keeps unknown fields",
      { "x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true },
      "must be false for int-or-string",
    ],
    [
      "a pattern that looks ahead",
      { type: "string", pattern: "^(?=a)" },
      "pattern: is not an RE2 expression",
    ],
    [
      "a pattern that refers back",
      { type: "string", pattern: "(a)\\1" },
      "pattern: is not an RE2 expression",
    ],
    [
      "a rule with a pattern that looks behind",
      { ...text, "x-kubernetes-validations": [{ rule: "self.matches('(?<!a)')", message: "" }] },
      "x-kubernetes-validations: has a pattern that is not an RE2 expression",
    ],
    ["uniqueItems", { type: "array", items: text, uniqueItems: true }, "uniqueItems: must not be true"],
    [
      "a list type of a text",
      { ...text, "x-kubernetes-list-type": "set" },
      "x-kubernetes-list-type: is for arrays",
    ],
    [
      "a set of objects",
      { type: "array", items: { type: "object" }, "x-kubernetes-list-type": "set" },
      "items: of a set must be scalars",
    ],
    [
      "a map without keys",
      { type: "array", items: { type: "object" }, "x-kubernetes-list-type": "map" },
      "x-kubernetes-list-map-keys: must not be empty",
    ],
    [
      "a map of texts",
      { type: "array", items: text, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
      "items: of a map must be objects",
    ],
    [
      "a map whose key may be missing",
      {
        type: "array",
        items: { type: "object", properties: { name: text } },
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
      },
      "items.properties[name]: a key of a map must be required or have a default",
    ],
  ])("finds %s", (_, node, sentence) => {
    expect(violations(holding(node)).join("\n")).toContain(sentence);
  });

  it.each<[string, SchemaNode, string]>([
    ["a root that is no object", text, "type: must be object at the root"],
    [
      "a map at the root",
      { type: "object", additionalProperties: text },
      "additionalProperties: must not be used",
    ],
    [
      "rules about metadata",
      { type: "object", properties: { metadata: { type: "object", properties: { name: text } } } },
      "properties[metadata]: must not specify anything but its type",
    ],
  ])("finds %s", (_, root, sentence) => {
    expect(violations(root).join("\n")).toContain(sentence);
  });

  it("finds what zod makes of a union of objects, which no conversion can save", () => {
    const union = z.discriminatedUnion("tool", [
      z.object({ tool: z.literal("tcp"), port: z.int() }),
      z.object({ tool: z.literal("dns"), name: z.string() }),
    ]);
    expect(violations(structuralSchema(z.object({ union })))).not.toEqual([]);
  });
});
