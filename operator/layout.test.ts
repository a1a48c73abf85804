import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** What the files and folders of a folder's sources are allowed to import, as lint holds it: the table of the layout. */
const allowed = allowedImports();

function allowedImports(): ReadonlyMap<string, readonly string[]> {
  const restriction = z.tuple([
    z.literal("error"),
    z.object({ patterns: z.array(z.union([z.string(), z.object({ group: z.array(z.string()) })])) }),
  ]);
  const config = z.object({
    overrides: z.array(
      z.object({
        files: z.array(z.string()),
        rules: z.object({ "no-restricted-imports": restriction.optional() }),
      }),
    ),
  });
  const { overrides } = config.parse(JSON.parse(read(".oxlintrc.json")));
  return new Map(
    overrides.flatMap(({ files: [files = ""], rules }) => {
      const [, { patterns }] = rules["no-restricted-imports"] ?? [undefined, { patterns: [] }];
      const groups = patterns.flatMap((pattern) => (typeof pattern === "string" ? [] : [pattern.group]));
      const folder = dirname(files);
      return groups.map((group) => [folder, group.flatMap((entry) => exception(folder, entry))] as const);
    }),
  );
}

/** `operator/runtime/`, which is that folder alone, for `!../runtime/*` in the rule of `operator/cluster`. */
function exception(folder: string, entry: string): string[] {
  return entry.startsWith("!") ? [join(folder, entry.slice(1)).replace(/\*$/, "")] : [];
}

/** Every file of ours, tests included, with the files of ours that it imports. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  globSync("{crds,probes,operator,cli,e2e}/**/*.ts", { cwd: ROOT }).map((file) => [
    file,
    Array.from(read(file).matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g), ([, path = ""]) =>
      join(dirname(file), path),
    ),
  ]),
);

const isTest = (file: string) => file.endsWith(".test.ts");
/** What goes by the rules: in e2e/ the scenarios do, which are tests. */
const isSource = (file: string) =>
  !(file.startsWith("e2e/") ? file.endsWith(".unit.test.ts") : isTest(file)) &&
  !/\/(testing|testdata)\//.test(file);
const sources = [...imports.keys()].filter(isSource);
/** As the rules name it: `e2e/scenarios/*` for the folder of any of those. */
function folderOf(file: string): string {
  const folder = dirname(file);
  return allowed.has(folder) ? folder : (globs.find((glob) => matchesGlob(folder, glob)) ?? folder);
}
const globs = [...allowed.keys()].filter((folder) => folder.includes("*"));
const folders = [...new Set(sources.map(folderOf))].toSorted();

/** What lies on a circle, or leads to one. */
function inCircles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const rest = new Map([...graph].filter(([, targets]) => targets.some((target) => graph.has(target))));
  return rest.size === graph.size ? [...rest.keys()] : inCircles(rest);
}

it.each(globSync("{*.md,docs/**/*.md}", { cwd: ROOT }))("%s names only files that exist", (page) => {
  const named = read(page).matchAll(/`((?:crds|probes|operator|cli|e2e)\/[\w/.-]+\.ts)`/g);
  expect(Array.from(named, ([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual(
    [],
  );
});

describe("the layout of the folders", () => {
  it("is read in full: every import leads to a file", () => {
    expect([...imports.values()].flat().filter((target) => !imports.has(target))).toEqual([]);
    expect(imports.get("operator/main.ts")).toContain("operator/operator.ts");
  });

  it("has a rule for each folder, and no other rules", () => {
    expect([...allowed.keys()].toSorted()).toEqual(folders);
  });

  it.each(folders)("lets the sources of %s import what its rule allows, types included", (folder) => {
    const mine = sources.filter((file) => folderOf(file) === folder);
    const isAllowed = (target: string) =>
      allowed.get(folder)?.some((entry) => entry === target || entry === `${dirname(target)}/`);
    const violations = mine.flatMap((file) =>
      (imports.get(file) ?? [])
        // Code for tests is allowed where the table names its folder: in programs that are tests themselves.
        .filter((target) => !isAllowed(target) && !(isSource(target) && dirname(target) === dirname(file)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(violations).toEqual([]);
  });

  it("has no circle, neither of folders by their rules nor of files by their imports", () => {
    const rules = [...allowed].map(
      ([folder, targets]) => [folder, targets.map((target) => dirname(`${target}x`))] as const,
    );
    expect(inCircles(new Map(rules))).toEqual([]);
    expect(inCircles(imports)).toEqual([]);
    expect(
      inCircles(
        new Map([
          ["a", ["b"]],
          ["b", ["a", "c"]],
          ["c", []],
        ]),
      ),
    ).toEqual(["a", "b"]);
  });

  it("is the table of docs/design.md", () => {
    const rows = read("docs/design.md").matchAll(
      /^\| `((?:crds|probes|operator|cli|e2e)\/[a-z/*-]*)` \|.*\|(.*)\|$/gm,
    );
    const table = Array.from(rows, ([, folder = "", may = ""]) => [
      folder.replace(/\/$/, ""),
      Array.from(may.matchAll(/`([^`]+)`/g), ([, name]) => name),
    ]);
    expect(Object.fromEntries(table)).toEqual(Object.fromEntries(allowed));
  });

  const sourcesIn = (folder: string) => sources.filter((file) => folderOf(file) === folder && !isTest(file));

  it("has at most twenty sources in a folder, tests aside", () => {
    expect(folders.filter((folder) => sourcesIn(folder).length > 20)).toEqual([]);
  });

  it("has at most twenty entries in a folder of the operator: its sources and the folders in it", () => {
    const entriesOf = (folder: string) => [
      ...sourcesIn(folder),
      ...folders.filter((other) => dirname(other) === folder),
    ];
    const inOperator = folders.filter((folder) => folder.startsWith("operator"));
    expect(inOperator.filter((folder) => entriesOf(folder).length > 20)).toEqual([]);
    expect(entriesOf("operator/cluster")).toContain("operator/cluster/policies");
  });

  it("has at most nine folders in the operator, and one folder in each of two of these", () => {
    const inOperator = folders.filter((folder) => folder.startsWith("operator/"));
    const nested = inOperator.filter((folder) => dirname(folder) !== "operator");
    expect(inOperator.length - nested.length).toBeLessThanOrEqual(9);
    expect(nested).toEqual(["operator/cluster/policies", "operator/status/report"]);
  });

  it("has no re-exports, except in the three files of the API that consist of several", () => {
    const isReExport = /^export (?:type )?(?:\*|\{[^}]*\})(?: as \w+)? from /m;
    expect([...imports.keys()].filter((file) => isReExport.test(read(file))).toSorted()).toEqual([
      "crds/connectivitytest.ts",
      "crds/expectation.ts",
      "crds/proberun/proberun.ts",
    ]);
  });

  it.each(["endpoints", "planning", "verdict"])(
    "keeps %s pure: no clock, chance, environment or network is read there",
    (folder) => {
      const impure =
        /\bnew Date\(\)|\bDate\.now\b|\bMath\.random\b|\bperformance\.|\bprocess\.|\bsetTimeout\b|\bfetch\(/;
      const ours = sources.filter((file) => dirname(file) === `operator/${folder}`);
      expect(ours.filter((file) => impure.test(read(file)))).toEqual([]);
      expect(ours).not.toEqual([]);
    },
  );
});
