import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { type ReportedCase, reportedCaseSchema } from "../harness/saying.ts";
import { cell, withLines } from "./page.ts";

const PAGE = "docs/never-mistaken.md";
const BEGIN = "<!-- The table is written by `npm test` from what the scenarios saw. Do not edit. -->";

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({ meta: z.object({ reportedCase: reportedCaseSchema.optional() }).optional() }),
      ),
    }),
  ),
});

/** What the scenarios of a report said, in the order of the table. */
export function reportedCasesOf(report: unknown): ReportedCase[] {
  return reportSchema
    .parse(report)
    .testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ meta }) => meta?.reportedCase ?? []),
    )
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

const keyOf = ({ expect, when }: ReportedCase) => `${expect === "Denied" ? 0 : 1} ${when.toLowerCase()}`;

/** The text before the table stays; everything after its mark is rewritten. */
export function withTable(page: string, reportedCases: readonly ReportedCase[]): string {
  return withLines(page, BEGIN, [...HEAD, ...reportedCases.map(row)]);
}

const HEAD = ["| situation | expected | verdict | reason | message |", "| --- | --- | --- | --- | --- |"];

function row({ when, expect, verdict, reason, message }: ReportedCase): string {
  return `| ${[when, expect, verdict, `\`${reason}\``, message].map(cell).join(" | ")} |`;
}

/** The rows of a page without their last cell, whose names and numbers differ from run to run. */
export function verdictsIn(page: string): string[] {
  const [, table = ""] = page.split(BEGIN);
  return table
    .split("\n")
    .filter((line) => line.startsWith("| ") && !HEAD.includes(line))
    .map((line) =>
      line
        .split(/(?<!\\) \| /)
        .slice(0, 4)
        .join(" | "),
    );
}

interface Comparison {
  readonly root: string;
  /** Whether a page that says something else is to be rewritten. */
  readonly write: boolean;
}

/** Whether the page says what the scenarios said, in every column but the last; names the rows that differ. */
export async function compareTable(
  reportedCases: readonly ReportedCase[],
  { root, write }: Comparison,
): Promise<string[]> {
  const file = join(root, PAGE);
  const page = await readFile(file, "utf8");
  const fresh = withTable(page, reportedCases);
  const [documented, seen] = [verdictsIn(page), verdictsIn(fresh)];
  const differences = [
    ...documented.filter((line) => !seen.includes(line)).map((line) => `only in ${PAGE}: ${line}`),
    ...seen.filter((line) => !documented.includes(line)).map((line) => `not in ${PAGE}: ${line}`),
  ];
  if (write && differences.length > 0) await writeFile(file, fresh);
  return differences;
}
