import type { SchemaNode } from "./schema.ts";

/** A field that a schema does not have. */
export interface UnknownField {
  readonly path: readonly PropertyKey[];
  /** The fields that the schema has there. */
  readonly known: readonly string[];
}

/** Returns the fields of a value that its schema does not have: zod and the API server drop them without an error. */
export function unknownFields(
  value: unknown,
  node: SchemaNode | undefined,
  path: readonly PropertyKey[] = [],
): UnknownField[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownFields(item, node?.items, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  const rest = typeof node?.additionalProperties === "object" ? node.additionalProperties : undefined;
  return Object.entries(value).flatMap(([name, child]) => {
    const at = [...path, name];
    const known = Object.hasOwn(node?.properties ?? {}, name) ? node?.properties?.[name] : rest;
    return known === undefined
      ? [{ path: at, known: Object.keys(node?.properties ?? {}) }]
      : unknownFields(child, known, at);
  });
}

/** A path as people write it: `spec.expectations[0].from`. */
export const formatPath = (path: readonly PropertyKey[]) =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
