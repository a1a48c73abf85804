import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  reportedResultSchema,
  reportedTestSchema,
  reportSchema,
} from "../../operator/status/report/report.ts";
import { report, reported } from "../../operator/testing/reports.ts";
import { formatReport } from "./formats.ts";

it("the JSON is what its schema says", async () => {
  const own = report(reported(), reported({ verdict: "Failed" }));
  expect(reportSchema.parse(JSON.parse(await formatReport(own, "json")))).toEqual(own);
  expect(reportSchema.safeParse({ ...own, version: 2 }).success).toBe(false);
});

it("docs/cli.md has each field of the JSON", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
  const fields = [reportSchema, reportedTestSchema, reportedResultSchema].flatMap(({ shape }) =>
    Object.keys(shape),
  );
  expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
});
