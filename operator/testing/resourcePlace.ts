import type { Query } from "../runtime/api.ts";

/** What a path of the API names: a collection, one object, or a subresource of it. */
export interface Place {
  /** The plural name of the kind. */
  readonly resource: string;
  /** Undefined: all namespaces, or a kind without. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const PATH =
  /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** Reads a path as the API server does. Throws if it is none. */
export function place(path: string): Place {
  const [, namespace, resource, name, subresource] = PATH.exec(path) ?? [];
  if (resource === undefined) throw new Error(`${path} is no path of the API`);
  return { resource, namespace, name, subresource };
}

/** Whether the object at `inner` is what `outer` names: the same, or one of its collection. */
export const isWithin = (inner: Place, { resource, namespace, name }: Place) =>
  inner.resource === resource &&
  (namespace === undefined || inner.namespace === namespace) &&
  (name === undefined || inner.name === name);

/**
 * Whether the selectors of a query choose an object: `fieldSelector` by `path=value` or `path!=value`, or several of them, `labelSelector` by `key in (a,b)` or
 * `key=value`. Throws at any other, so that no test passes because a selector was not understood.
 */
export function selects({ fieldSelector, labelSelector }: Query, object: unknown): boolean {
  return (
    (fieldSelector === undefined || fieldSelector.split(",").every((selector) => equals(selector, object))) &&
    (labelSelector === undefined || hasLabel(labelSelector, object))
  );
}

/** The object as a response has it: all of it, or its metadata alone. */
export function representation(
  object: unknown,
  { metadataOnly = false }: { readonly metadataOnly?: boolean | undefined } = {},
): unknown {
  return metadataOnly ? { metadata: valueAt(object, ["metadata"]) } : object;
}

/** The object with the fields of a JSON merge patch (RFC 7386). */
export function merged(object: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const fields = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([field, value]) => [field, merged(valueAt(object, [field]), value)] as const);
  const kept = Object.entries(isRecord(object) ? object : {}).filter(([field]) => patch[field] !== null);
  return Object.fromEntries([...kept, ...fields]);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function equals(selector: string, object: unknown): boolean {
  const [, path, not, value] = /^([\w.]+)(!?)=([\w.-]+)$/.exec(selector) ?? [];
  if (path === undefined) throw new Error(`the field selector ${selector} is not understood`);
  return (valueAt(object, path.split(".")) === value) === (not === "");
}

function hasLabel(selector: string, object: unknown): boolean {
  const [, key, set, one] = /^([\w./-]+)(?: in \(([^)]*)\)|=([\w.-]*))$/.exec(selector) ?? [];
  if (key === undefined) throw new Error(`the label selector ${selector} is not understood`);
  const values: readonly unknown[] = set === undefined ? [one] : set.split(",");
  return values.includes(valueAt(object, ["metadata", "labels", key]));
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, field) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([name]) => name === field)?.[1]
        : undefined,
    object,
  );
}
