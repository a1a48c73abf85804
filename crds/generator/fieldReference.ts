import { API_VERSION } from "../group.ts";
import type { CustomResourceDefinition } from "./crd.ts";
import { markdownTable } from "./markdownTable.ts";
import type { SchemaNode } from "./schema.ts";

/**
 * Returns every field of the kind as Markdown tables: path, type, default and description, as in `kubectl explain`.
 */
export function fieldReference(crd: CustomResourceDefinition): string {
  const { openAPIV3Schema } = crd.spec.versions[0].schema;
  const { spec, status } = openAPIV3Schema.properties ?? {};
  return [
    "<!-- Generated from crds/*.ts by `npm run generate`. Do not edit. -->",
    `# Fields of ${crd.spec.names.kind} (${API_VERSION})`,
    `${openAPIV3Schema.description}`,
    "`x[]` is an element of the list `x`. A field in **bold** must be set.",
    ...table("spec", spec),
    ...(status ? table("status", status) : []),
    "",
  ].join("\n\n");
}

function table(name: string, node: SchemaNode = {}): string[] {
  const rows = fieldsOf(name, node).map(({ path, schema, required }) => [
    required ? `**${path}**` : path,
    typeOf(schema),
    defaultOf(schema),
    schema.description ?? "",
  ]);
  const head = ["field", "type", "default", "description"];
  return [`## ${name}`, `${node.description}`, markdownTable(head, rows)];
}

interface Field {
  readonly path: string;
  readonly schema: SchemaNode;
  readonly required: boolean;
}

/** Returns the fields below a node, depth first, including the fields of objects in lists and of label selectors. */
function fieldsOf(prefix: string, node: SchemaNode): Field[] {
  const { properties = {}, required = [], items } = node;
  if (items !== undefined) return fieldsOf(`${prefix}[]`, items);
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}.${name}`;
    return [{ path, schema, required: required.includes(name) }, ...fieldsOf(path, schema)];
  });
}

function typeOf(schema: SchemaNode): string {
  const { type, items, additionalProperties: rest, format } = schema;
  const values = schema["enum"];
  if (schema["x-kubernetes-int-or-string"] === true) return "integer or string";
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (typeof rest === "object") return `map of ${typeOf(rest)}`;
  if (Array.isArray(values)) return values.map((value) => `\`${value}\``).join(", ");
  return format === "date-time" ? "time" : (type ?? "anything");
}

const defaultOf = (schema: SchemaNode) =>
  schema["default"] === undefined ? "" : `\`${JSON.stringify(schema["default"])}\``;
