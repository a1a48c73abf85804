import * as fc from "fast-check";
import type { SchemaNode } from "../../crds/generator/schema.ts";

/** A way down into an object: the names of fields, and places in lists. */
type Way = readonly (string | number)[];

/** A place of the schema: every field of it, whether an object has it or not. */
interface Place {
  readonly way: Way;
  readonly node: SchemaNode;
}

interface Change {
  readonly way: Way;
  /** Undefined takes the field away. */
  readonly value: unknown;
}

/**
 * Objects at the border between what the schema takes and what it refuses: a good one, changed in up to three of the places
 * that the schema has. New fields are tried without a word here.
 */
export function nearby(schema: SchemaNode, good: readonly unknown[]): fc.Arbitrary<unknown> {
  const places = placesOf({ way: [], node: schema });
  const change = fc
    .constantFrom(...places)
    .chain(({ way, node }) => valueFor({ way, node }, good).map((value): Change => ({ way, value })));
  return fc
    .record({ seed: fc.constantFrom(...good), changes: fc.array(change, { maxLength: 3 }) })
    .map(({ seed, changes }) => changes.reduce<unknown>(changed, seed));
}

/** Of a list the first two places, of a map two keys: one that a label may have, and one that none may. */
function placesOf({ way, node }: Place): Place[] {
  const { properties = {}, items, additionalProperties: rest } = node;
  const inside = [
    ...Object.entries(properties).map(([name, child]) => ({ way: [...way, name], node: child })),
    ...(items === undefined ? [] : [0, 1].map((index) => ({ way: [...way, index], node: items }))),
    ...(typeof rest === "object"
      ? ["app", "-no-key-"].map((key) => ({ way: [...way, key], node: rest }))
      : []),
  ];
  return [...(way.length === 0 ? [] : [{ way, node }]), ...inside.flatMap(placesOf)];
}

/** Something for a place: what it might be, what is just out of its bounds, what is of another type, or nothing. */
function valueFor({ way, node }: Place, good: readonly unknown[]): fc.Arbitrary<unknown> {
  const found = good.map((one) => valueAt(one, way)).filter((value) => value !== undefined);
  return fc.oneof(
    { weight: 8, arbitrary: fittingFor(node) },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>("", 0, 1.5, true, {}, []) },
    ...(found.length > 0 ? [{ weight: 4, arbitrary: fc.constantFrom(...found) }] : []),
  );
}

function fittingFor(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node["x-kubernetes-int-or-string"] === true) return fc.oneof(integers(node), texts(node));
  switch (node.type) {
    case "integer":
      return integers(node);
    case "boolean":
      return fc.boolean();
    case "array":
      return listsOf(node);
    case "object":
      return fc.constant({});
    default:
      return texts(node);
  }
}

function integers({ minimum = 1, maximum = 65_535 }: SchemaNode): fc.Arbitrary<number> {
  const [least, most] = [Number(minimum), Number(maximum)];
  return fc.oneof(
    fc.constantFrom(least - 1, least, most, most + 1, 99, 100, 599, 600),
    fc.integer({ min: least, max: most }),
  );
}

function listsOf({ items = {}, maxItems = 2 }: SchemaNode): fc.Arbitrary<unknown[]> {
  const most = Math.min(Number(maxItems), 40);
  return fittingFor(items).chain((item) =>
    fc.constantFrom(
      [],
      [item],
      [item, item],
      Array.from({ length: most + 1 }, () => item),
    ),
  );
}

/** What some field takes: each is tried in all of them. */
const WORDS = [
  ..."catalog Catalog a-b -a a- a.b a_b www.example.com. example..com _http._tcp.web".split(" "),
  ..."1m 59s 60s 720h 721h 1h30m 200ms 199ms 10s 10001ms 1.5s 5 999999h999999h999999h".split(" "),
  ..."203.0.113.10 203.0.113.010 256.0.0.1 1.2.3 ::1 2001:DB8::1 ::ffff:1.2.3.4 fe80::1%eth0 1::2::3 127.0.0.1 :: 0.0.0.0 224.0.0.1 239.1.2.3 240.0.0.1 255.255.255.255 ff02::1 fe80::1 169.254.1.1 127.1 0x7f.1 0 10.0.0.1. ::ffff:224.0.0.1".split(
    " ",
  ),
  ..."app app.kubernetes.io/name /name a/b/c http 8080 80 web-1 web--1 2xx 6xx 200 GET get HTTPS".split(" "),
  ..."/ /health /a?b=c%20d health /ü Authorization X-Api-Key X_HTTP_Method Metadata X-Metadata-Id X-Token-Id X-AuthToken X-Cache-Key X.Http.Method _method X-Tenant Host host cookie Europe/Berlin UTC Etc/GMT+5".split(
    " ",
  ),
  "*/10 * * * *",
  "* * * *",
  "@daily",
  " ",
  "/a b",
  "'; DROP",
  "Ünïcode",
  "line\nbreak",
];

function texts({ enum: members = [], maxLength = 63 }: SchemaNode): fc.Arbitrary<string> {
  const longest = Number(maxLength);
  const known = Array.isArray(members) ? members.map(String) : [];
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...WORDS, ...known) },
    fc.constantFrom(
      "a".repeat(longest),
      "a".repeat(longest + 1),
      "😀".repeat(longest),
      "é".repeat(longest + 1),
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.domain(),
    fc.tuple(fc.nat(2_000), fc.constantFrom("ms", "s", "m", "h", "d", "")).map((parts) => parts.join("")),
  );
}

function valueAt(object: unknown, way: Way): unknown {
  return way.reduce<unknown>((inside, step) => childOf(inside, step), object);
}

function childOf(object: unknown, step: string | number): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  return new Map(Object.entries(object)).get(String(step));
}

/** The object with one change; what is missing on the way there is made. */
function changed(object: unknown, { way: [step, ...rest], value }: Change): unknown {
  if (step === undefined) return value;
  const child = changed(childOf(object, step), { way: rest, value });
  if (typeof step === "number") {
    const list: readonly unknown[] = Array.isArray(object) ? object : [];
    const before = list.slice(0, step);
    return [...before, ...(child === undefined ? [] : [child]), ...list.slice(step + 1)];
  }
  const fields = typeof object === "object" && object !== null && !Array.isArray(object) ? object : {};
  const others = Object.entries(fields).filter(([name]) => name !== step);
  return Object.fromEntries(child === undefined ? others : [...others, [step, child]]);
}
