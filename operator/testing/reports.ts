import {
  createReport,
  reportedTestSchema,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
} from "../status/report/report.ts";

/** Reports that were made up: sound unless a test says otherwise. */

export const result = (fields: Partial<ReportedResult> = {}): ReportedResult => ({
  name: "orders-never-touch-mysql",
  expected: "Denied",
  actual: "Denied",
  verdict: "Passed",
  reason: "AsExpected",
  message: "as seen",
  since: "2026-11-30T12:00:00Z",
  pathCount: 1,
  paths: [
    {
      from: "Deployment/orders",
      to: "Service/mysql",
      address: "10.96.0.7:3306",
      verdict: "Passed",
      reason: "AsExpected",
      actual: "Denied",
      outcome: "NoReply",
      samples: "......",
      node: "node1",
      command: "curl telnet://10.96.0.7:3306",
      proof: { target: "Witness", source: "NodeContact", link: "SameNode" },
    },
  ],
  ...fields,
});

export const reported = (fields: Partial<ReportedTest> = {}): ReportedTest =>
  reportedTestSchema.parse({
    kind: "ConnectivityTest",
    namespace: "shop",
    name: "orders",
    generation: 2,
    verdict: "Passed",
    message: "1 of 1 expectations hold",
    run: {
      id: "k3f9q",
      trigger: "Request",
      startedAt: "2026-11-30T11:59:40.500Z",
      finishedAt: "2026-11-30T12:00:00Z",
    },
    history: [],
    expectations: [result()],
    ...fields,
  });

export const report = (...tests: readonly ReportedTest[]): ConnectivityReport =>
  createReport(new Date("2026-11-30T12:01:00Z"), tests);
