import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withRules } from "../validationRules.ts";
import { structuralSchema } from "./schema.ts";

/** What becomes of a schema as the only field of an object. */
const field = (schema: z.ZodType) => structuralSchema(z.object({ field: schema })).properties?.["field"];

describe("structuralSchema", () => {
  it.each<[string, z.ZodType, unknown]>([
    ["an integer without bounds loses JavaScript's own", z.int(), { type: "integer", format: "int64" }],
    [
      "a small integer keeps its bounds",
      z.int().min(0).max(9),
      { type: "integer", format: "int32", minimum: 0, maximum: 9 },
    ],
    [
      "an integer with one bound is a long one",
      z.int().min(1),
      { type: "integer", format: "int64", minimum: 1 },
    ],
    ["a number that may be null", z.number().nullable(), { type: "number", nullable: true }],
    [
      "a number or a text is the union that Kubernetes knows, without bounds inside",
      z.union([z.int().min(1), z.string().min(1)]).meta({ "x-kubernetes-int-or-string": true }),
      { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
    ],
    [
      "an open object keeps unknown fields",
      z.looseObject({}),
      { type: "object", properties: {}, "x-kubernetes-preserve-unknown-fields": true },
    ],
    ["anything keeps unknown fields", z.unknown(), { "x-kubernetes-preserve-unknown-fields": true }],
    ["a closed object is not closed", z.strictObject({}), { type: "object", properties: {} }],
    [
      "a map has values, and no schema for its keys",
      z.record(z.string().max(9), z.int()),
      { type: "object", additionalProperties: { type: "integer", format: "int64" } },
    ],
    [
      "a rule goes along, through optional and default",
      withRules(z.string(), [
        { cel: "self != ''", message: "must not be empty", holds: (text) => text !== "" },
      ])
        .optional()
        .default("x"),
      {
        type: "string",
        default: "x",
        "x-kubernetes-validations": [{ rule: "self != ''", message: "must not be empty" }],
      },
    ],
    [
      "an object's default has those of its fields, and its own before them",
      z.object({ a: z.int().default(1), b: z.int().default(2), c: z.int().optional() }).prefault({ b: 3 }),
      {
        type: "object",
        default: { a: 1, b: 3 },
        properties: {
          a: { type: "integer", format: "int64", default: 1 },
          b: { type: "integer", format: "int64", default: 2 },
          c: { type: "integer", format: "int64" },
        },
      },
    ],
  ])("%s", (_, schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });

  it("lets a field of any name be a field, even one that is a keyword elsewhere", () => {
    const { properties } = structuralSchema(z.object({ id: z.string(), readOnly: z.boolean() }));
    expect(properties).toEqual({ id: { type: "string" }, readOnly: { type: "boolean" } });
  });
});
