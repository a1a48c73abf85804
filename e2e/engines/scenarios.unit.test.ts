import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { engines } from "../cluster/cni/registry.ts";
import { marked, runningOn } from "./scenarios.ts";

const ROOT = join(import.meta.dirname, "../..");

it.each(marked)("$file is there", ({ file }) => {
  expect(existsSync(join(ROOT, file))).toBe(true);
});

it("every marked scenario runs somewhere, and those of one engine there alone", () => {
  const names = engines.map(({ name }) => name);
  for (const scenario of marked) {
    const where = names.filter((name) => runningOn(name).includes(scenario));
    expect(where).toEqual(scenario.only === undefined ? names : [scenario.only.engine]);
  }
});
