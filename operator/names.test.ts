import { globSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** The names that a text declares at its top level, which the formatter puts at the beginning of a line. */
function declaredIn(text: string): string[] {
  const one = /^(?:export )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
  const destructured = /^(?:export )?const [{[]([^=]*)[}\]] =/gm;
  return [
    ...Array.from(text.matchAll(one), ([, name = ""]) => name),
    ...Array.from(
      text.matchAll(destructured),
      ([, list = ""]) => list.match(/\w+(?=\s*(?:,|$))/g) ?? [],
    ).flat(),
  ];
}

const sources = globSync("{crds,probes,operator,cli}/**/*.ts", { cwd: ROOT }).filter(
  (file) => !/\.test\.ts$|\/(testing|testdata)\//.test(file),
);
const declared = new Map(sources.map((file) => [file, declaredIn(readFileSync(join(ROOT, file), "utf8"))]));

it("finds what is declared, exported or not, alone or taken apart", () => {
  const text = [
    "export async function load(): Promise<void> {",
    "  const local = 1;",
    "type Name = string;",
    "const { checks, every: everyRound } = environment;",
    "export const [first] = all;",
  ];
  expect(declaredIn(text.join("\n"))).toEqual(["load", "Name", "checks", "everyRound", "first"]);
  expect(declared.get("operator/operator.ts")).toContain("startOperator");
});

it("declares each top-level name in one file alone, so that it has one meaning and a search finds it", () => {
  const pairs = [...declared].flatMap(([file, names]) => [...new Set(names)].map((name) => ({ file, name })));
  const twice = [...Map.groupBy(pairs, ({ name }) => name)].filter(([, places]) => places.length > 1);
  expect(Object.fromEntries(twice.map(([name, places]) => [name, places.map(({ file }) => file)]))).toEqual(
    {},
  );
});
