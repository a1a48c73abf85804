import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../testing/reports.ts";
import { reportedVerdictSchema, type ReportedResult, type ReportedTest } from "./report.ts";
import { anchored, reportMatrices } from "./reportMatrix.ts";

type Path = ReportedResult["paths"][number];

const [sample] = result().paths;
if (!sample) throw new Error("the sample has no path");
const path = (fields: Partial<Path>): Path => ({ ...sample, ...fields });

const matricesOf = (...tests: readonly ReportedTest[]) => reportMatrices(anchored(report(...tests)));

describe("reportMatrices", () => {
  it("has a matrix for each namespace, with its sources and targets by name", () => {
    const paths = [path({ to: "Service/web" }), path({ from: "Deployment/ui" })];
    const matrices = matricesOf(
      reported({ expectations: [result({ paths })] }),
      reported({ namespace: "", expectations: [result()] }),
    );
    expect(matrices.map(({ namespace, sources, targets }) => [namespace, sources, targets])).toEqual([
      ["shop", ["Deployment/orders", "Deployment/ui"], ["Service/mysql", "Service/web"]],
      ["", ["Deployment/orders"], ["Service/mysql"]],
    ]);
    expect(matrices[0]?.cellOf("Deployment/ui", "Service/web")).toBeUndefined();
  });

  it("joins the paths of all tests from one source to one target, and links to the worst", () => {
    const first = result({ name: "a" });
    const open = result({ name: "b", expected: "Allowed", paths: [path({ verdict: "Failed" })] });
    const [matrix] = matricesOf(
      reported({ expectations: [first] }),
      reported({ name: "b", expectations: [first, open] }),
    );
    expect(matrix?.cellOf("Deployment/orders", "Service/mysql")).toEqual({
      verdict: "Failed",
      anchor: "test-1-1",
      expected: ["Allowed", "Denied"],
      count: 3,
    });
  });

  it("has none for results without a path", () => {
    expect(matricesOf(reported({ expectations: [result({ paths: [], pathCount: 0 })] }))).toEqual([]);
  });

  it("shows no cell better than any path in it", () => {
    const verdicts = fc.constantFrom("Passed", "Failed", "Inconclusive" as const);
    fc.assert(
      fc.property(fc.array(verdicts, { minLength: 1, maxLength: 6 }), (drawn) => {
        const results = drawn.map((verdict) => result({ paths: [path({ verdict })] }));
        const [matrix] = matricesOf(reported({ expectations: results }));
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
