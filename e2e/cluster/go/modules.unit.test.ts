import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { base, engineGroups } from "../build/groups.ts";

/** A module at a version, as go.mod names it: `github.com/spf13/cobra v1.10.2`. */
const MODULE = /^\s*(?:require\s+)?([\w.~/-]+\.[\w.~/-]+) (v\S+)/;
/** `old => new v1.2.3`, or `old => ../folder`. */
const REPLACE = /^\s*(?:replace\s+)?(\S+)(?: v\S+)? => (\S+)(?: (v\S+))?/;

function linesOf(name: string, file: "go.mod" | "go.sum"): readonly string[] {
  return readFileSync(join(import.meta.dirname, name, file), "utf8").split("\n");
}

/** Where a module really comes from, by the name that others import it by. */
function replacements(name: string): ReadonlyMap<string, { path: string; version: string | undefined }> {
  const found = linesOf(name, "go.mod").flatMap((line) => {
    const [, old, path, version] = REPLACE.exec(line) ?? [];
    return old === undefined || path === undefined ? [] : [[old, { path, version }] as const];
  });
  return new Map(found);
}

function required(name: string): readonly { path: string; version: string }[] {
  const replaced = replacements(name);
  return linesOf(name, "go.mod").flatMap((line) => {
    const [, path, version] = MODULE.exec(line) ?? [];
    if (path === undefined || version === undefined || line.includes("=>")) return [];
    const other = replaced.get(path);
    return [{ path: other?.path ?? path, version: other?.version ?? version }];
  });
}

const NAMES = [base, ...Object.values(engineGroups)].map(({ name }) => name);

test("Every Go module file of the cluster belongs to a group that is built.", () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  expect(folders.map(({ name }) => name).toSorted()).toEqual(NAMES.toSorted());
});

describe.each(NAMES)("The module %s", (name) => {
  test("requires many modules, so that the checks below have something to check.", () => {
    expect(required(name).length).toBeGreaterThan(60);
  });

  test("takes no module from a folder: a module proxy serves all of them.", () => {
    const local = [...replacements(name)].filter(([, { path, version }]) => {
      return version === undefined || path.startsWith(".") || path.startsWith("/");
    });
    expect(local).toEqual([]);
  });

  // A tidy go.mod requires what gives packages to a build, and nothing else: go.sum needs both hashes of each.
  test("has in its go.sum the hashes of every module that it requires.", () => {
    const sums = new Set(linesOf(name, "go.sum").map((line) => line.split(" ").slice(0, 2).join(" ")));
    const missing = required(name).flatMap(({ path, version }) =>
      [`${path} ${version}`, `${path} ${version}/go.mod`].filter((entry) => !sums.has(entry)),
    );
    expect(missing).toEqual([]);
  });
});
