import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { conditionTypes } from "./conditions.ts";
import { connectivityTestSchema } from "./connectivitytest.ts";
import { API_VERSION, CONNECTIVITY_TEST, RUN_REQUESTED } from "./group.ts";
import { reasonSchema } from "./reasons.ts";
import { type SchemaNode, structuralSchema } from "./schema.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const objectSchema = z.object({ apiVersion: z.literal(API_VERSION), kind: z.literal("ConnectivityTest") });
const specSchema = structuralSchema(connectivityTestSchema.shape.spec);

/** Fields that the schema does not know, by their path: zod and the API server drop them without a word. */
function unknownFields(value: unknown, node: SchemaNode | undefined, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownFields(item, node?.items, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  const rest = typeof node?.additionalProperties === "object" ? node.additionalProperties : undefined;
  return Object.entries(value).flatMap(([name, child]) => {
    const known = node?.properties?.[name] ?? rest;
    return known === undefined ? [`${path}.${name}`] : unknownFields(child, known, `${path}.${name}`);
  });
}

/** Every ConnectivityTest of a text that may hold other kinds too. */
function testsOf(text: string): unknown[] {
  return parseAllDocuments(text)
    .map((document) => {
      expect(document.errors).toEqual([]);
      return z.looseObject({ kind: z.string().optional() }).parse(document.toJS());
    })
    .filter(({ kind }) => kind === CONNECTIVITY_TEST.kind);
}

function expectGood(test: unknown) {
  objectSchema.parse(test);
  const { spec } = z.object({ spec: z.unknown() }).parse(test);
  connectivityTestSchema.parse(test);
  expect(unknownFields(spec, specSchema, "spec")).toEqual([]);
}

const pages = [
  ...["README.md"].filter((page) => existsSync(join(ROOT, page))),
  ...globSync("docs/**/*.md", { cwd: ROOT }),
];
const examples = pages.flatMap((page) =>
  [...read(page).matchAll(/^```yaml\n(.*?)^```/gms)]
    .filter(([, text = ""]) => /^kind: ConnectivityTest$/m.test(text))
    .map(([, text = ""], index) => [page, index + 1, text] as const),
);

describe("the examples of the documents", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)("%s, example %i", (_page, _index, text) => {
    testsOf(text).forEach(expectGood);
  });
});

describe("the samples", () => {
  const samples = globSync("manifests/samples/*.yaml", { cwd: ROOT });

  it("are there", () => {
    expect(samples.length).toBeGreaterThanOrEqual(3);
  });

  it.each(samples)("%s", (sample) => {
    const tests = testsOf(read(sample));
    expect(tests).not.toEqual([]);
    tests.forEach(expectGood);
  });
});

describe("docs/spec/connectivitytest.md", () => {
  const page = read("docs/spec/connectivitytest.md");

  it.each([...reasonSchema.options, ...conditionTypes])("explains %s", (word) => {
    expect(page).toContain(`| \`${word}\` |`);
  });

  it.each(Object.keys(connectivityTestSchema.shape.status.unwrap().shape))("explains status.%s", (field) => {
    expect(page).toContain(`| \`${field}\` |`);
  });

  it.each(Object.keys(connectivityTestSchema.shape.spec.shape))("explains spec.%s", (field) => {
    expect(page).toContain(`\`${field}\``);
  });

  it("names the annotation that asks for a run", () => {
    expect(page).toContain(RUN_REQUESTED);
  });
});

describe("the check itself", () => {
  it("finds a misspelt field", () => {
    const spec = { expectations: [{ from: { podSelectr: {} } }], probing: { round: 3 } };
    expect(unknownFields(spec, specSchema, "spec")).toEqual([
      "spec.expectations[].from.podSelectr",
      "spec.probing.round",
    ]);
  });
});
