import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { marked, runningOn } from "./scenarios.ts";

const ROOT = join(import.meta.dirname, "../..");

it.each(marked)("$file is there", ({ file }) => {
  expect(existsSync(join(ROOT, file))).toBe(true);
});

it("every marked scenario runs somewhere, and those of one engine there alone", () => {
  const [onCalico, onCilium] = [runningOn("calico"), runningOn("cilium")];
  for (const scenario of marked) {
    const where = [onCalico.includes(scenario), onCilium.includes(scenario)];
    const { engine } = scenario.only ?? {};
    expect(where).toEqual([engine !== "cilium", engine !== "calico"]);
  }
});
