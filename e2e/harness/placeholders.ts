import { z } from "zod";

/** A text in the files of a scenario's folder, and its replacement in a cluster where many scenarios run side by side. */
export interface Placeholders {
  /** Names of namespaces. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Images of containers. */
  readonly images?: Readonly<Record<string, string>>;
  /** Any other text that stands alone, such as an address that is another one in every cluster. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The label that every namespace carries (https://kubernetes.io/docs/reference/labels-annotations-taints/). */
const NAME_LABEL = "kubernetes.io/metadata.name";

const namespaceSchema = z.looseObject({
  kind: z.literal("Namespace"),
  metadata: z.looseObject({ name: z.string() }),
});
const nameExpressionSchema = z.looseObject({ key: z.literal(NAME_LABEL), values: z.array(z.string()) });

/**
 * An object of a folder as it is applied. A namespace is named by `metadata.name` of a Namespace, by every field
 * `namespace`, by selectors of the label `kubernetes.io/metadata.name`, and by names in DNS that end in `.svc` or go on behind
 * it: `catalog.shop.svc.cluster.local`. Other words that happen to be the same are left alone.
 */
export function withPlaceholders(object: unknown, placeholders: Placeholders): unknown {
  const { namespaces } = placeholders;
  const replaced = replace(object, { placeholders });
  const namespace = namespaceSchema.safeParse(replaced).data;
  if (namespace === undefined) return replaced;
  const { metadata } = namespace;
  return { ...namespace, metadata: { ...metadata, name: of(namespaces, metadata.name) } };
}

interface Place {
  readonly placeholders: Placeholders;
  readonly key?: string;
}

function replace(value: unknown, place: Place): unknown {
  if (typeof value === "string") return replaceText(value, place);
  if (Array.isArray(value)) return value.map((item) => replace(item, place));
  if (typeof value !== "object" || value === null) return value;
  const expression = nameExpressionSchema.safeParse(value).data;
  if (expression !== undefined) {
    const { namespaces } = place.placeholders;
    return { ...expression, values: expression.values.map((name) => of(namespaces, name)) };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, replace(child, { ...place, key })]),
  );
}

function replaceText(
  text: string,
  { key, placeholders: { namespaces, images = {}, values = {} } }: Place,
): string {
  if (key === "namespace" || key === NAME_LABEL) return of(namespaces, text);
  if (key === "image") return of(images, text);
  const inNames = text.replaceAll(/(?<=\.)[-a-z0-9]+(?=\.svc\b)/g, (namespace) => of(namespaces, namespace));
  return of(values, inNames);
}

const of = (placeholders: Readonly<Record<string, string>>, text: string) =>
  Object.hasOwn(placeholders, text) ? (placeholders[text] ?? text) : text;
