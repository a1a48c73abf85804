import type { SchemaNode } from "./schema.ts";

const KEYWORDS = new Set(
  `type format description default enum properties required items additionalProperties pattern nullable anyOf
  minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems
  minProperties maxProperties x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields x-kubernetes-validations
  x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-map-type`.split(/\s+/),
);
const BARE_INT_OR_STRING = JSON.stringify([{ type: "integer" }, { type: "string" }]);
/**
 * Features of JavaScript patterns that RE2, which the API server uses, does not have: lookaround and back references.
 */
const BEYOND_RE2 = /\(\?(=|!|<=|<!)|\\[1-9]|\\k</;

/**
 * Returns the violations of the rules of structural schemas, as `path: sentence`; empty if the API server accepts the
 * schema. A manual port of the checks of apiextensions-apiserver (pkg/apiserver/schema/validation.go and
 * pkg/apis/apiextensions/validation/validation.go). It is stricter in one point: it rejects every junctor (anyOf,
 * oneOf, allOf, not) except that of int-or-string, because the junctors that zod writes are never valid there.
 */
export function violations(root: SchemaNode): string[] {
  return [...ofRoot(root), ...ofNode(root, "")];
}

function ofRoot({ type, additionalProperties, properties }: SchemaNode): string[] {
  const { metadata } = properties ?? {};
  const bare = metadata === undefined || Object.keys(metadata).join(",") === "type";
  return [
    ...when(type !== "object", "type: must be object at the root"),
    ...when(additionalProperties !== undefined, "additionalProperties: must not be used at the root"),
    ...when(!bare, "properties[metadata]: must not specify anything but its type, since it is implied"),
  ];
}

function ofNode(node: SchemaNode, path: string): string[] {
  const own = [...ofKeywords(node), ...ofType(node), ...ofUnion(node), ...ofPatterns(node), ...ofList(node)];
  const below = childrenOf(node).flatMap(([name, child]) => ofNode(child, `${path}.${name}`));
  return [...own.map((sentence) => `${path}.${sentence}`.slice(1)), ...below];
}

function childrenOf({ properties = {}, items, additionalProperties }: SchemaNode): [string, SchemaNode][] {
  return [
    ...Object.entries(properties).map(([name, child]): [string, SchemaNode] => [
      `properties[${name}]`,
      child,
    ]),
    ...(items === undefined ? [] : [["items", items] satisfies [string, SchemaNode]]),
    ...(typeof additionalProperties === "object"
      ? [["additionalProperties", additionalProperties] satisfies [string, SchemaNode]]
      : []),
  ];
}

function ofKeywords(node: SchemaNode): string[] {
  return Object.keys(node)
    .filter((keyword) => !KEYWORDS.has(keyword))
    .map((keyword) => `${keyword}: is not a keyword of a structural schema`);
}

function ofType(node: SchemaNode): string[] {
  const { type, items, properties, additionalProperties, uniqueItems } = node;
  const open =
    node["x-kubernetes-int-or-string"] === true || node["x-kubernetes-preserve-unknown-fields"] === true;
  return [
    ...when(type === undefined && !open, "type: must not be empty"),
    ...when(type === "array" && items === undefined, "items: must be specified"),
    ...when(
      properties !== undefined && additionalProperties !== undefined,
      "additionalProperties: and properties are mutually exclusive",
    ),
    ...when(additionalProperties === false, "additionalProperties: must not be false"),
    ...when(uniqueItems === true, "uniqueItems: must not be true: use x-kubernetes-list-type: set"),
  ];
}

function ofUnion(node: SchemaNode): string[] {
  const either = node["x-kubernetes-int-or-string"] === true;
  const { anyOf, type } = node;
  const bare = either && JSON.stringify(anyOf) === BARE_INT_OR_STRING;
  return [
    ...when(anyOf !== undefined && !bare, "anyOf: only the bare union of int-or-string is structural"),
    ...when(either && type !== undefined, "type: must be empty for int-or-string"),
    ...when(
      either && node["x-kubernetes-preserve-unknown-fields"] === true,
      "x-kubernetes-preserve-unknown-fields: must be false for int-or-string",
    ),
  ];
}

function ofPatterns({ pattern, "x-kubernetes-validations": rules }: SchemaNode): string[] {
  const text = JSON.stringify(rules) ?? "";
  return [
    ...when(typeof pattern === "string" && BEYOND_RE2.test(pattern), "pattern: is not an RE2 expression"),
    ...when(BEYOND_RE2.test(text), "x-kubernetes-validations: has a pattern that is not an RE2 expression"),
  ];
}

function ofList(node: SchemaNode): string[] {
  const { type, items } = node;
  const kind = node["x-kubernetes-list-type"];
  const scalar = items?.type !== "object" && items?.type !== "array";
  return [
    ...when(kind !== undefined && type !== "array", "x-kubernetes-list-type: is for arrays"),
    ...when(kind === "set" && !scalar, "items: of a set must be scalars"),
    ...(kind === "map" ? ofMapKeys(node["x-kubernetes-list-map-keys"], items) : []),
  ];
}

function ofMapKeys(keys: unknown, items: SchemaNode | undefined): string[] {
  const names = Array.isArray(keys) ? keys.map(String) : [];
  const missing = names.filter(
    (name) => !items?.required?.includes(name) && items?.properties?.[name]?.["default"] === undefined,
  );
  return [
    ...when(names.length === 0, "x-kubernetes-list-map-keys: must not be empty"),
    ...when(items?.type !== "object", "items: of a map must be objects"),
    ...missing.map((name) => `items.properties[${name}]: a key of a map must be required or have a default`),
  ];
}

const when = (broken: boolean, sentence: string): string[] => (broken ? [sentence] : []);
