import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { missingFrom, parsePackages } from "./debianPackages.ts";

test("a list has one package per line; comments and empty lines do not count", () => {
  expect(parsePackages("# title\n\nrunc   # runs containers\n  curl\n")).toEqual(["runc", "curl"]);
});

test("the project's list says of every package what it is for", () => {
  const text = readFileSync(join(import.meta.dirname, "debian-packages.txt"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines.filter((line) => !/^[a-z0-9.+-]+\s+# \S/.test(line))).toEqual([]);
});

test("a package is missing unless dpkg shows it as installed", () => {
  const said = "runc installed\ncurl config-files\n";
  expect(missingFrom(["runc", "curl", "ipset"], said)).toEqual(["curl", "ipset"]);
});
