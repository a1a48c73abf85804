import { describe, expect, it } from "vitest";
import { report, reported, result } from "../../operator/testing/reports.ts";
import type { ReportedTest } from "../../operator/status/report/report.ts";
import { sarifReport } from "./sarif.ts";

const failed = result({ verdict: "Failed", reason: "Open", actual: "Allowed", message: "1 path is open" });
const vague = result({
  name: "b",
  verdict: "Inconclusive",
  reason: "TargetNotProven",
  paths: [],
  pathCount: 0,
});
const read = (...tests: ReportedTest[]): unknown => JSON.parse(sarifReport(report(...tests)));

describe("sarifReport", () => {
  it("has the evidence as the message", () => {
    const text = sarifReport(report(reported({ expectations: [failed] })));
    expect(text).toContain(
      String.raw`"text": "orders-never-touch-mysql: Failed\n1 path is open\nDeployment/orders`,
    );
  });

  it("has a result for each expectation that Failed or is Inconclusive, and none for one that Passed", () => {
    const log = read(reported({ expectations: [result(), failed, vague] }));
    expect(log).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "netverdict", rules: [{ id: "Open" }, { id: "TargetNotProven" }] } },
          invocations: [{ executionSuccessful: true, endTimeUtc: "2026-11-30T12:01:00.000Z" }],
          results: [
            {
              ruleId: "Open",
              level: "error",
              locations: [
                {
                  logicalLocations: [
                    { fullyQualifiedName: "ConnectivityTest/shop/orders/orders-never-touch-mysql" },
                  ],
                },
              ],
            },
            { ruleId: "TargetNotProven", level: "warning" },
          ],
        },
      ],
    });
  });

  it("says that it is not whole if a test is Pending, and has a warning for one whose spec cannot be read", () => {
    const pending = reported({
      verdict: "Pending",
      message: "a run is in progress",
      expectations: [result({ verdict: "Pending", paths: [], pathCount: 0 })],
    });
    const unread = reported({ name: "odd", verdict: "Inconclusive", expectations: [] });
    expect(read(pending, unread)).toMatchObject({
      runs: [
        {
          invocations: [
            {
              executionSuccessful: false,
              toolExecutionNotifications: [
                { level: "error", message: { text: "ConnectivityTest shop/orders: a run is in progress" } },
              ],
            },
          ],
          results: [{ ruleId: "NoCurrentVerdict", level: "warning" }],
        },
      ],
    });
  });
});
