import { qualifiedName } from "../../crds/metadata.ts";
import { evidenceLines } from "../../operator/status/report/evidence.ts";
import {
  resultsOf,
  type ConnectivityReport,
  type ReportedResult,
  type ReportedTest,
} from "../../operator/status/report/report.ts";
import { xmlElement, xmlText } from "./xml.ts";

/**
 * JUnit's XML, as Jenkins and GitLab read it (https://llg.cubic.org/docs/junit/): a test is a testsuite, and each of its expectations a
 * testcase. Failed is a failure. Inconclusive and Pending are errors: the test could not decide, so the workload is not to blame, and
 * no reader counts them as passed, as most do with `skipped`.
 */
export function junitReport({ tests }: ConnectivityReport): string {
  const suites = tests.map(testsuite);
  const totals = countsOf(tests.flatMap(resultsOf));
  const root = xmlElement("testsuites", { name: "netverdict", ...totals }, ["\n", ...suites]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function testsuite(test: ReportedTest): string {
  const { kind, generation, run, validUntil } = test;
  const results = resultsOf(test);
  const properties = Object.entries({
    kind,
    generation,
    ...(run && { run: run.id, trigger: run.trigger }),
    ...(validUntil !== undefined && { validUntil }),
  }).map(([name, value]) => xmlElement("property", { name, value }));
  const attributes = {
    name: qualifiedName(test),
    ...countsOf(results),
    skipped: 0,
    ...(run && {
      time: secondsBetween(run.startedAt, run.finishedAt),
      // Some readers know no time zone. It is UTC.
      timestamp: run.startedAt.slice(0, "2026-11-30T12:00:00".length),
    }),
  };
  const content = [xmlElement("properties", {}, properties), ...results.map((one) => testcase(test, one))];
  return `${xmlElement("testsuite", attributes, ["\n", ...content.map((line) => `  ${line}\n`)])}\n`;
}

const countsOf = (results: readonly ReportedResult[]) => ({
  tests: results.length,
  failures: results.filter(({ verdict }) => elementOf(verdict) === "failure").length,
  errors: results.filter(({ verdict }) => elementOf(verdict) === "error").length,
});

const secondsBetween = (from: string, to: string) =>
  (Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000 || 0).toFixed(3);

function testcase(test: ReportedTest, result: ReportedResult): string {
  const { name, verdict, reason = verdict, message } = result;
  const element = elementOf(verdict);
  const attributes = element === "system-out" ? {} : { message: `${verdict}: ${message}`, type: reason };
  const evidence = xmlElement(element, attributes, [xmlText(evidenceLines(result).join("\n"))]);
  const classname = [test.kind, ...(test.namespace === "" ? [] : [test.namespace]), test.name].join(".");
  return xmlElement("testcase", { name, classname }, [evidence]);
}

function elementOf(verdict: ReportedResult["verdict"]): "system-out" | "failure" | "error" {
  switch (verdict) {
    case "Passed":
      return "system-out";
    case "Failed":
      return "failure";
    case "Inconclusive":
    case "Pending":
      return "error";
  }
}
