import { htmlReport } from "../../operator/status/report/htmlReport.ts";
import { junitReport } from "./junit.ts";
import { markdownReport } from "./markdown.ts";
import type { ConnectivityReport } from "../../operator/status/report/report.ts";
import { sarifReport } from "./sarif.ts";

export const REPORT_FORMATS = ["junit", "json", "html", "markdown", "sarif"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Returns the report as a text without a newline at its end. */
export async function formatReport(report: ConnectivityReport, format: ReportFormat): Promise<string> {
  switch (format) {
    case "junit":
      return junitReport(report);
    case "json":
      return JSON.stringify(report, null, 2);
    case "html":
      return htmlReport(report);
    case "markdown":
      return markdownReport(report);
    case "sarif":
      return sarifReport(report);
  }
}
