import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../../testing/reports.ts";
import { reportedVerdictSchema, type ReportedResult, type ReportedTest } from "./report.ts";
import { anchored, reportMatrices } from "./reportMatrix.ts";

type Path = ReportedResult["paths"][number];

const [sample] = result().paths;
if (!sample) throw new Error("the sample has no path");
const path = (fields: Partial<Path>): Path => ({ ...sample, ...fields });

const matricesOf = (...tests: readonly ReportedTest[]) => reportMatrices(anchored(report(...tests)));

describe("reportMatrices", () => {
  it("has a matrix for each namespace, with its sources and targets by name", async () => {
    const paths = [path({ to: "Service/web" }), path({ from: "Deployment/ui" })];
    const matrices = await matricesOf(
      reported({ expectations: [result({ paths })] }),
      reported({ namespace: "", expectations: [result()] }),
    );
    expect(matrices.map(({ namespace, sources, targets }) => [namespace, sources, targets])).toEqual([
      ["shop", ["Deployment/orders", "Deployment/ui"], ["Service/mysql", "Service/web"]],
      ["", ["Deployment/orders"], ["Service/mysql"]],
    ]);
    expect(matrices[0]?.cellOf("Deployment/ui", "Service/web")).toBeUndefined();
  });

  it("joins the paths of all tests from one source to one target, and links to the worst", async () => {
    const first = result({ name: "a" });
    const open = result({ name: "b", expected: "Allowed", paths: [path({ verdict: "Failed" })] });
    const [matrix] = await matricesOf(
      reported({ expectations: [first] }),
      reported({ name: "b", expectations: [first, open] }),
    );
    expect(matrix?.cellOf("Deployment/orders", "Service/mysql")).toEqual({
      verdict: "Failed",
      anchor: "test-1-1",
      expected: ["Allowed", "Denied"],
      count: 3,
      hasMore: false,
    });
  });

  it("has no cell for a result without a path, and names it as missing, the worst first", async () => {
    const without = { paths: [], pathCount: 0 };
    const expectations = [
      result({ name: "sound" }),
      result({ name: "later", ...without, verdict: "Pending" }),
      result({ name: "vague", ...without, verdict: "Inconclusive" }),
    ];
    const [matrix] = await matricesOf(reported({ expectations }));
    expect(matrix?.sources).toEqual(["Deployment/orders"]);
    expect(matrix?.missing.map(({ test, result: { name }, anchor }) => [test, name, anchor])).toEqual([
      ["orders", "vague", "test-0-2"],
      ["orders", "later", "test-0-1"],
    ]);
  });

  it("names a result with more paths than the report as missing: one of them may be about a cell that has passed", async () => {
    const worst = Array.from({ length: 8 }, () =>
      path({ from: "Deployment/ui", verdict: "Failed", reason: "Open" }),
    );
    const many = result({ name: "many", verdict: "Failed", reason: "Open", paths: worst, pathCount: 9 });
    const [matrix] = await matricesOf(reported({ expectations: [result(), many] }));
    expect(matrix?.cellOf("Deployment/orders", "Service/mysql")).toMatchObject({
      verdict: "Passed",
      hasMore: false,
    });
    expect(matrix?.cellOf("Deployment/ui", "Service/mysql")).toMatchObject({ count: 8, hasMore: true });
    expect(matrix?.missing.map(({ result: { name } }) => name)).toEqual(["many"]);
  });

  it.each(["Inconclusive", "Pending", "Failed"] as const)(
    "shows no path as passed if its expectation is %s for another reason than a path: a pod of the target may be untested",
    async (verdict) => {
      const beside = result({ verdict, reason: "TargetChanged" });
      const [matrix] = await matricesOf(reported({ expectations: [beside] }));
      expect(matrix?.cellOf("Deployment/orders", "Service/mysql")?.verdict).toBe(verdict);
    },
  );

  it("shows a path as passed beside a path of the same expectation that is not", async () => {
    const open = path({ from: "Deployment/ui", verdict: "Failed", reason: "Open" });
    const half = result({ verdict: "Failed", reason: "Open", paths: [open, path({})], pathCount: 2 });
    const [matrix] = await matricesOf(reported({ expectations: [half] }));
    expect(matrix?.cellOf("Deployment/orders", "Service/mysql")?.verdict).toBe("Passed");
  });

  it("shows no cell better than any path in it", async () => {
    const verdicts = fc.constantFrom("Passed", "Failed", "Inconclusive" as const);
    await fc.assert(
      fc.asyncProperty(fc.array(verdicts, { minLength: 1, maxLength: 6 }), async (drawn) => {
        const results = drawn.map((verdict) => result({ paths: [path({ verdict })] }));
        const [matrix] = await matricesOf(reported({ expectations: results }));
        const cell = matrix?.cellOf("Deployment/orders", "Service/mysql");
        const worst = reportedVerdictSchema.options
          .toSorted(bySeverity)
          .find((each) => drawn.some((one) => one === each));
        expect(cell?.verdict).toBe(worst);
        expect(results[Number(cell?.anchor.split("-").at(-1))]?.paths[0]?.verdict).toBe(worst);
      }),
    );
  });
});

const SEVERITY = { Failed: 0, Inconclusive: 1, Pending: 2, Passed: 3 };
const bySeverity = (one: keyof typeof SEVERITY, other: keyof typeof SEVERITY) =>
  SEVERITY[one] - SEVERITY[other];
