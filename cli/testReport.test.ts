import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectivityTest, expectation, later } from "../operator/testing/objects.ts";
import { endedRun, published, verdictOn } from "../operator/testing/statuses.ts";
import { formatReport } from "./report/formats.ts";
import { reportedResultSchema, reportedTestSchema, reportSchema } from "./report/report.ts";
import { reportOf } from "./testReport.ts";

const now = later(30_000);
const spec = {
  schedule: { every: "10m" },
  expectations: ["a", "b"].map((name) =>
    expectation({ name, to: { service: { name: "web" } }, tcp: { port: 80 } }),
  ),
};
const test = connectivityTest({ spec });
const ended = {
  ...endedRun([]),
  verdicts: [verdictOn("a", { verdict: "Passed" }), verdictOn("b", { verdict: "Failed" })],
};
const failed = published({ test, ended, now });
const allPassed = published({ test, ended: { ...endedRun(["Passed", "Passed"]) }, now });

const verdictsIn = (of: typeof failed, at = now) =>
  reportOf([of], at).tests.map(({ verdict, expectations }) => [
    verdict,
    ...expectations.map((result) => result.verdict),
  ]);

describe("reportOf", () => {
  it("has the results of the run that decided", () => {
    expect(verdictsIn(failed)).toEqual([["Failed", "Passed", "Failed"]]);
    expect(verdictsIn(allPassed)).toEqual([["Passed", "Passed", "Passed"]]);
    expect(reportOf([failed], now).tests[0]).toMatchObject({
      kind: "ConnectivityTest",
      namespace: "shop",
      name: "net",
      run: { id: "k3f9q", trigger: "Schedule" },
      expectations: [{ name: "a" }, { name: "b", reason: "Open" }],
    });
  });

  it("has no result of a run before the current spec, of a verdict that is over, or before a requested run", () => {
    const changed = { ...allPassed, metadata: { ...allPassed.metadata, generation: 2 } };
    expect(verdictsIn(changed)).toEqual([["Pending", "Pending", "Pending"]]);
    expect(verdictsIn(allPassed, later(86_400_000))).toEqual([
      ["Inconclusive", "Inconclusive", "Inconclusive"],
    ]);
    const annotations = { "netverdict.dev/run-requested": "asked" };
    const requested = { ...allPassed, metadata: { ...allPassed.metadata, annotations } };
    expect(verdictsIn(requested)).toEqual([["Pending", "Pending", "Pending"]]);
    expect(verdictsIn(test)).toEqual([["Pending", "Pending", "Pending"]]);
  });

  it("has no Passed for an expectation without a result", () => {
    const { expectations = [], ...status } = allPassed.status;
    const partly = { ...allPassed, status: { ...status, expectations: expectations.slice(0, 1) } };
    expect(verdictsIn(partly)).toEqual([["Passed", "Passed", "Inconclusive"]]);
  });
});

describe("the JSON", () => {
  it("is what its schema says", async () => {
    const report = reportOf([failed, allPassed], now);
    expect(reportSchema.parse(JSON.parse(await formatReport(report, "json")))).toEqual(report);
    expect(reportSchema.safeParse({ ...report, version: 2 }).success).toBe(false);
  });

  it("is in docs/cli.md with each of its fields", () => {
    const page = readFileSync(join(import.meta.dirname, "../docs/cli.md"), "utf8");
    const fields = [reportSchema, reportedTestSchema, reportedResultSchema].flatMap(({ shape }) =>
      Object.keys(shape),
    );
    expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
  });
});
