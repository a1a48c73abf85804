import { z } from "zod";

/** A node of an OpenAPI v3 schema: the keywords that this project reads, and whatever else stands there. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaNode | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
  readonly [keyword: string]: unknown;
}

const nodeSchema: z.ZodType<SchemaNode> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    required: z.array(z.string()).optional(),
    items: nodeSchema.optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
  }),
);

/** Keywords that zod writes and a CustomResourceDefinition may not have; `additionalProperties` is written anew. */
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
 * The schema as a CustomResourceDefinition takes it ("structural schema",
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 * What zod cannot say within those rules, such as a union of objects, stays as it is and is found by `violations`.
 */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  return converted(nodeSchema.parse(openApi(schema)));
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

/** An object's default with those of its fields: the API server tries its rules on a default as it stands. */
function completeDefault({ default: value, properties = {} }: SchemaNode): SchemaNode {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const ofFields = Object.entries(properties).flatMap(([name, { default: field }]) =>
    field === undefined ? [] : [[name, field]],
  );
  return { default: { ...Object.fromEntries(ofFields), ...value } };
}

/** zod bounds every integer by what JavaScript can count to: such a bound says nothing and goes. */
function isKept(keyword: string, value: unknown): boolean {
  return !FOREIGN.has(keyword) && value !== Number.MIN_SAFE_INTEGER && value !== Number.MAX_SAFE_INTEGER;
}

/** The only union that a structural schema may have, in the only form it may have. */
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
