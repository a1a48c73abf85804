import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { conditionTypes } from "./conditions.ts";
import { clusterConnectivityTestSchema, connectivityTestSchema } from "./connectivitytest.ts";
import { structuralSchema } from "./generator/schema.ts";
import { formatPath, unknownFields } from "./generator/unknownFields.ts";
import {
  API_VERSION,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  PROBE_GRANT,
  RUN_REQUESTED,
} from "./group.ts";
import { probeGrantSchema } from "./probegrant.ts";
import { reasonSchema } from "./reasons.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface ObjectSchema {
  readonly shape: { readonly spec: z.ZodType };
  readonly parse: (object: unknown) => unknown;
}

const schemas = new Map<string, ObjectSchema>([
  [CONNECTIVITY_TEST.kind, connectivityTestSchema],
  [CLUSTER_CONNECTIVITY_TEST.kind, clusterConnectivityTestSchema],
  [PROBE_GRANT.kind, probeGrantSchema],
]);
const objectSchema = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.enum([...schemas.keys()]),
  spec: z.unknown(),
});
const specSchema = structuralSchema(connectivityTestSchema.shape.spec);

const unknownPaths = (...input: Parameters<typeof unknownFields>) =>
  unknownFields(...input).map(({ path }) => formatPath(path));

/** Every object of our kinds in a text that may hold others too. */
function ourOwn(text: string): unknown[] {
  return parseAllDocuments(text)
    .map((document) => {
      expect(document.errors).toEqual([]);
      return z.looseObject({ kind: z.string().optional() }).parse(document.toJS());
    })
    .filter(({ kind = "" }) => schemas.has(kind));
}

function expectGood(object: unknown) {
  const { kind, spec } = objectSchema.parse(object);
  const schema = schemas.get(kind);
  schema?.parse(object);
  expect(unknownPaths(spec, schema && structuralSchema(schema.shape.spec), ["spec"])).toEqual([]);
}

const pages = [
  ...["README.md"].filter((page) => existsSync(join(ROOT, page))),
  ...globSync("docs/**/*.md", { cwd: ROOT }),
];
const examples = pages.flatMap((page) =>
  [...read(page).matchAll(/^```yaml\n(.*?)^```/gms)]
    .filter(([, text = ""]) => /^kind: (\w*ConnectivityTest|ProbeGrant)$/m.test(text))
    .map(([, text = ""], index) => [page, index + 1, text] as const),
);

describe("the examples of the documents", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)("%s, example %i", (_page, _index, text) => {
    ourOwn(text).forEach(expectGood);
  });
});

describe("the samples", () => {
  const samples = globSync("manifests/samples/*.yaml", { cwd: ROOT });

  it("are there", () => {
    expect(samples.length).toBeGreaterThanOrEqual(3);
  });

  it.each(samples)("%s", (sample) => {
    const tests = ourOwn(read(sample));
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
    expect(unknownPaths(spec, specSchema, ["spec"])).toEqual([
      "spec.expectations[0].from.podSelectr",
      "spec.probing.round",
    ]);
  });
});
