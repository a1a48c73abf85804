import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import type { ReportedCase } from "../harness/saying.ts";
import { compareTable, reportedCasesOf, verdictsIn, withTable } from "./falseDenialTable.ts";

const down: ReportedCase = {
  when: "the target is scaled to 0",
  expect: "Denied",
  verdict: "Inconclusive",
  reason: "TargetNotProven",
  message: "nobody | listens",
};
const lucky: ReportedCase = { ...down, when: "a lucky round", expect: "Allowed", reason: "Unsettled" };
const open: ReportedCase = { ...down, when: "DNS name missing", verdict: "Failed", reason: "Open" };

const page =
  "# A page\n\n<!-- The table is written by `npm test` from what the scenarios saw. Do not edit. -->\n";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "netverdict-sayings-"));
  await mkdir(join(root, "docs"));
  await writeFile(join(root, "docs/never-mistaken.md"), withTable(page, [open, down]));
});
afterEach(async () => rm(root, { recursive: true }));
const written = async () => readFile(join(root, "docs/never-mistaken.md"), "utf8");

it("finds what the scenarios said in a report, by what was expected and by name", () => {
  const tests = [{ meta: { reportedCase: lucky } }, { meta: {} }, { meta: { reportedCase: down } }, {}];
  const report = {
    testResults: [{ assertionResults: tests }, { assertionResults: [{ meta: { reportedCase: open } }] }],
  };
  expect(reportedCasesOf(report)).toEqual([open, down, lucky]);
});

it("keeps the words before the table and writes one row a case", () => {
  const text = withTable(page, [down]);
  expect(text.startsWith(page)).toBe(true);
  expect(text).toContain(
    String.raw`| the target is scaled to 0 | Denied | Inconclusive | ${"`TargetNotProven`"} | nobody \| listens |`,
  );
  expect(withTable(text, [down])).toBe(text);
});

it("reads a row without its last cell", () => {
  expect(verdictsIn(withTable(page, [down]))).toEqual([
    "| the target is scaled to 0 | Denied | Inconclusive | `TargetNotProven`",
  ]);
});

it.each([
  ["nothing where all was said as it stands there", [open, { ...down, message: "other numbers" }], []],
  ["a case that nobody tried", [open], [/^only in .*scaled to 0/]],
  ["a case that does not stand there", [open, down, lucky], [/^not in .*a lucky round/]],
  [
    "another reason",
    [open, { ...down, reason: "LinkNotProven" as const }],
    [/^only in/, /^not in .*LinkNotProven/],
  ],
])("reports %s", async (_, reportedCases, wanted) => {
  const before = await written();
  const reported = await compareTable(reportedCases, { root, write: false });
  expect(reported).toHaveLength(wanted.length);
  for (const [place, line] of wanted.entries()) expect(reported[place]).toMatch(line);
  expect(await written()).toBe(before);
});

it("writes a table again that says something else, and leaves one that says the same", async () => {
  expect(await compareTable([open, { ...down, message: "other" }], { root, write: true })).toEqual([]);
  expect(await written()).toContain("nobody");
  expect(await compareTable([lucky], { root, write: true })).toHaveLength(3);
  expect(await written()).toBe(withTable(page, [lucky]));
});
