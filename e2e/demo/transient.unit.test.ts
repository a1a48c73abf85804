import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { reasonSchema } from "../../crds/reasons.ts";
import { isTransient } from "./transient.ts";

const transient = reasonSchema.options.filter(isTransient);

it("takes exactly those reasons for transient that depend on the moment of the run", () => {
  expect(transient.toSorted()).toEqual([
    "ClockSkew",
    "LinkNotProven",
    "ProbeNotRun",
    "SourceNotProven",
    "TargetChanged",
    "TargetNotProven",
    "Unsettled",
  ]);
});

it("takes no reason for transient that the API's documentation does not list as Inconclusive", async () => {
  const text = await readFile(join(import.meta.dirname, "../../docs/spec/connectivitytest.md"), "utf8");
  expect(inconclusiveReasons(text)).toEqual(expect.arrayContaining(transient));
});

/** The rows from `| Inconclusive |` on, up to the next verdict; a row without a verdict belongs to the one above it. */
function inconclusiveReasons(text: string): readonly string[] {
  let verdict = "";
  return text.split("\n").flatMap((line) => {
    const [, first, reason] = /^\| (.*?) ?\| `(\w+)` \|/.exec(line) ?? [];
    if (reason === undefined) return [];
    verdict = first || verdict;
    return verdict === "Inconclusive" ? [reason] : [];
  });
}
