import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { connectivityTestSchema } from "../../crds/connectivitytest.ts";

const documents = parseAllDocuments(await readFile(join(import.meta.dirname, "tests.yaml"), "utf8"));
const tests = documents.map((document) => connectivityTestSchema.parse(document.toJS()));

it("has a test in each of the shop's namespaces, all within the rules of the schema", () => {
  expect(tests.map(({ metadata }) => metadata.namespace).toSorted()).toEqual(["catalog", "orders", "ui"]);
});

it.each(tests.map((test) => [test.metadata.name, test.spec.expectations] as const))(
  "gives each source of %s a pod that it may reach beside what it may not, so that a denial can be proven",
  (_, expectations) => {
    const sources = (declared: string) =>
      expectations
        .filter((expectation) => expectation.expect === declared && expectation.to !== undefined)
        .map(({ from }) => JSON.stringify(from));
    expect(sources("Denied").length).toBeGreaterThan(0);
    expect(sources("Allowed")).toEqual(expect.arrayContaining(sources("Denied")));
  },
);
