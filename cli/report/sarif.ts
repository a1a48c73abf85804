import type { Location, Log, Notification, Result } from "sarif";
import { qualifiedName } from "../../crds/metadata.ts";
import { evidenceLines } from "../../operator/status/report/evidence.ts";
import {
  resultsOf,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
} from "../../operator/status/report/report.ts";

/** The rule of a result for which no run has a reason. */
const NO_VERDICT = "NoCurrentVerdict";

/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): a result for each expectation that Failed (an error) or is Inconclusive
 * (a warning), with the reason as its rule. For a test that is Pending there is a notification, and `executionSuccessful` is false:
 * a log without results must not say that all is well.
 */
export function sarifReport({ createdAt, tests }: ConnectivityReport): string {
  const results = tests.flatMap((test) => resultsOf(test).flatMap((result) => sarifResult(test, result)));
  const pending = tests.filter(({ verdict }) => verdict === "Pending");
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))];
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "netverdict", rules: rules.map((id) => ({ id })) } },
        invocations: [
          {
            executionSuccessful: pending.length === 0,
            endTimeUtc: createdAt,
            toolExecutionNotifications: pending.map(notification),
          },
        ],
        results,
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function sarifResult(test: ReportedTest, result: ReportedResult): (Result & { readonly ruleId: string })[] {
  const { verdict, reason = NO_VERDICT } = result;
  if (verdict !== "Failed" && verdict !== "Inconclusive") return [];
  const location = locationOf(test, result.name);
  return [
    {
      ruleId: reason,
      level: verdict === "Failed" ? "error" : "warning",
      message: { text: [`${result.name}: ${verdict}`, ...evidenceLines(result)].join("\n") },
      locations: [location],
      partialFingerprints: {
        "netverdict/v1": `${test.kind} ${qualifiedName(test)} ${result.name} ${reason}`,
      },
    },
  ];
}

const notification = (test: ReportedTest): Notification => ({
  level: "error",
  message: { text: `${test.kind} ${qualifiedName(test)}: ${test.message}` },
  locations: [locationOf(test)],
});

/** A test has no file. Its place is the object of the cluster, and the expectation in it. */
const locationOf = (test: ReportedTest, expectation?: string): Location => ({
  logicalLocations: [
    {
      name: expectation ?? test.name,
      fullyQualifiedName: [
        test.kind,
        qualifiedName(test),
        ...(expectation === undefined ? [] : [expectation]),
      ].join("/"),
      kind: "resource",
    },
  ],
});
