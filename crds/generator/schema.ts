import { z } from "zod";

/** A node of an OpenAPI v3 schema: the keywords that this project reads, and any others. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
  readonly [keyword: string]: unknown;
}

const schemaNodeSchema: z.ZodType<SchemaNode> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), schemaNodeSchema).optional(),
    required: z.array(z.string()).optional(),
    items: schemaNodeSchema.optional(),
    additionalProperties: z.union([z.boolean(), schemaNodeSchema]).optional(),
  }),
);

/**
 * Keywords that zod writes and a CustomResourceDefinition may not have; `additionalProperties` is generated again.
 */
const FOREIGN = new Set([
  "$schema",
  "id",
  "readOnly",
  "contentEncoding",
  "propertyNames",
  "additionalProperties",
]);
const INT32 = 2 ** 31 - 1;

/**
 * Returns the schema in the form that a CustomResourceDefinition accepts ("structural schema",
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 * Schemas that zod cannot express within those rules, such as a union of objects, are not converted; `violations`
 * reports them.
 */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  return converted(schemaNodeSchema.parse(openApi(schema)));
}

function openApi(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    reused: "inline",
    unrepresentable: "any",
  });
}

function converted(node: SchemaNode): SchemaNode {
  const kept = Object.fromEntries(Object.entries(node).filter(([keyword, value]) => isKept(keyword, value)));
  if (node["x-kubernetes-int-or-string"] === true) return { ...kept, ...INT_OR_STRING };
  return { ...kept, ...integerFormat(node), ...completeDefault(node), ...children(node) };
}

/**
 * Adds the defaults of the fields to an object's default, because the API server applies its rules to a default
 * before it adds them.
 */
function completeDefault({ default: value, properties = {} }: SchemaNode): SchemaNode {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const ofFields = Object.entries(properties).flatMap(([name, { default: field }]) =>
    field === undefined ? [] : [[name, field]],
  );
  return { default: { ...Object.fromEntries(ofFields), ...value } };
}

/** zod bounds every integer by the safe integers of JavaScript; such a bound is dropped. */
function isKept(keyword: string, value: unknown): boolean {
  return !FOREIGN.has(keyword) && value !== Number.MIN_SAFE_INTEGER && value !== Number.MAX_SAFE_INTEGER;
}

/** The only union that a structural schema may have, in its only valid form. */
const INT_OR_STRING: SchemaNode = { anyOf: [{ type: "integer" }, { type: "string" }] };

function integerFormat({ type, maximum }: SchemaNode): SchemaNode {
  if (type !== "integer") return {};
  return { format: typeof maximum === "number" && maximum <= INT32 ? "int32" : "int64" };
}

function children({ type, properties, items, additionalProperties: rest }: SchemaNode): SchemaNode {
  return {
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, converted(property)]),
      ),
    }),
    ...(items !== undefined && { items: converted(items) }),
    ...(type === undefined || isEmpty(rest) ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    ...(typeof rest === "object" && !isEmpty(rest) && { additionalProperties: converted(rest) }),
  };
}

/** `{}`, which is how JSON Schema says "anything". */
function isEmpty(node: SchemaNode | boolean | undefined): boolean {
  return typeof node === "object" && Object.keys(node).length === 0;
}
