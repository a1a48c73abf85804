import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { report, reported, result } from "../../operator/testing/reports.ts";
import { markdownReport } from "./markdown.ts";

const failed = { verdict: "Failed", reason: "Open", actual: "Allowed" } as const;

describe("markdownReport", () => {
  it("has expected against actual for each source and target, and why an expectation did not pass", () => {
    const expectations = [
      result(),
      result({ name: "b", message: "it is open", ...failed, paths: [], pathCount: 0 }),
    ];
    const text = markdownReport(report(reported({ verdict: "Failed", message: "b is open", expectations })));
    expect(text.split("\n")).toEqual([
      "## ConnectivityTest shop/orders: Failed",
      "",
      "Failed: b is open",
      "",
      "| expectation | from | to | expected | actual | verdict | reason |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      "| orders-never-touch-mysql | Deployment/orders | Service/mysql | Denied | Denied | Passed | AsExpected |",
      "| b | - | - | Denied | Allowed | Failed | Open |",
      "",
      "- **b**: Failed: it is open",
    ]);
  });

  it("lets no text end a cell or a line, or be markup", () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "a | b",
        "\\|",
        "<script>alert(1)</script>",
        "x\n| y |",
        "\u2028# z",
        "`",
        "![](http://x)",
        "@team",
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, (name, message) => {
        const expectations = [result({ name, message, ...failed, paths: [], pathCount: 0 })];
        const lines = markdownReport(report(reported({ message, expectations }))).split("\n");
        expect(lines).toHaveLength(9);
        expect(lines.slice(4, 7).map((line) => line.split("|").length)).toEqual([9, 9, 9]);
        expect(lines.join("\n")).not.toMatch(/[<>@\r\u2028\u2029]|(?<!\\)(?:\\\\)*[[\]`~]/);
      }),
    );
  });
});
