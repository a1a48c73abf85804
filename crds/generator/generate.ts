/**
 * `npm run generate` writes the files that derive from the schemas, which are the CustomResourceDefinitions and the field
 * reference, the page of rights, which derives from manifests/, and the Helm chart, which derives from manifests/.
 * `npm run generate -- --check` writes nothing, and fails with the names of the stale files.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { stringify } from "yaml";
import { chartFiles } from "./chart.ts";
import { type CustomResourceDefinition, customResourceDefinitions } from "./crd.ts";
import { fieldReference } from "./fieldReference.ts";
import { rightsPage } from "./rightsPage.ts";

const ROOT = join(import.meta.dirname, "../..");
const CHART = "manifests/chart";

/** Returns the text of every generated file, by its path from the root of the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const definitions = new Map(customResourceDefinitions().flatMap((crd) => [manifest(crd), reference(crd)]));
  const read = (path: string) => definitions.get(path) ?? readFileSync(join(ROOT, path), "utf8");
  const chart = chartFiles({ manifest: (path) => read(`manifests/${path}`), package: read("package.json") });
  return new Map([
    ...definitions,
    ["docs/rights.md", rightsPage(rightsManifests(read))],
    ...Array.from(chart, ([path, text]) => [`${CHART}/${path}`, text] as const),
  ]);
}

const rightsManifests = (read: (path: string) => string) => ({
  always: read("manifests/rbac.yaml"),
  readinessGate: read("manifests/readiness-gate/rbac.yaml"),
});

function manifest(crd: CustomResourceDefinition): [string, string] {
  const header = "# Generated from crds/*.ts by `npm run generate`. Do not edit.\n";
  return [
    `manifests/crds/${crd.spec.names.plural}.yaml`,
    header + stringify(crd, { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 110 }),
  ];
}

function reference(crd: CustomResourceDefinition): [string, string] {
  return [`docs/spec/${crd.spec.names.singular}-fields.md`, fieldReference(crd)];
}

/** Returns the generated files that are missing or differ, by their path from `root`. */
export function staleFiles(root: string): string[] {
  return [...generatedFiles()]
    .filter(([path, text]) => contentOf(join(root, path)) !== text)
    .map(([path]) => path);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function write(): void {
  for (const [path, text] of generatedFiles()) {
    const file = join(ROOT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${relative(ROOT, file)}`);
  }
}

function check(): void {
  const stale = staleFiles(ROOT);
  if (stale.length === 0) return console.log("the generated files are up to date");
  console.error(`stale: ${stale.join(", ")}. Remedy: npm run generate`);
  process.exitCode = 1;
}

if (import.meta.main) (process.argv.includes("--check") ? check : write)();
