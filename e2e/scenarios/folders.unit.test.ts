import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { connectivityTestSchema } from "../../crds/connectivitytest.ts";

const folders = globSync("*/tests.yaml", { cwd: import.meta.dirname })
  .map(dirname)
  .toSorted();
const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

async function objectsOf(folder: string, file: string) {
  const documents = parseAllDocuments(await readFile(join(import.meta.dirname, folder, file), "utf8"));
  return documents.map((document) => objectSchema.parse(document.toJS()));
}

it("there are scenarios", () => {
  expect(folders).toContain("wordpress-mysql");
});

describe.each(folders)("%s", (folder) => {
  it("has tests within the rules of the schema, whose expectations differ in their names", async () => {
    const tests = (await objectsOf(folder, "tests.yaml")).map((object) =>
      connectivityTestSchema.parse(object),
    );
    const names = tests.flatMap(({ spec }) => spec.expectations.map(({ name }) => name));
    expect(names).toEqual([...new Set(names)]);
  });

  it("puts every object into a namespace that it has itself", async () => {
    const namespaces = (await objectsOf(folder, "workloads.yaml"))
      .filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => metadata.name);
    const files = globSync("*.yaml", { cwd: join(import.meta.dirname, folder) });
    const objects = (await Promise.all(files.map(async (file) => objectsOf(folder, file)))).flat();
    const places = objects
      .filter(({ kind }) => kind !== "Namespace" && kind !== "ClusterConnectivityTest")
      .map(({ metadata }) => metadata.namespace);
    expect(namespaces).toEqual(expect.arrayContaining([...new Set(places)]));
  });

  it("is in docs/scenarios.md", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/scenarios.md"), "utf8");
    expect(page).toContain(`(../e2e/scenarios/${basename(folder)})`);
  });
});
