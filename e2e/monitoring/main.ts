import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { createMetrics } from "../../operator/server/metrics.ts";
import { Failure, messageOf } from "../process/failure.ts";
import { timedReport } from "../process/report.ts";
import { readRules } from "./alerts.ts";
import { monitoringFile, queriesOf, readDashboard, withValues } from "./dashboard.ts";
import { inputSeriesOf } from "./inputSeries.ts";
import { DASHBOARD_CHECK, findProgram, OBJECT_CHECK, type Program, PROMTOOL } from "./programs.ts";

// npm run test:monitoring: promtool checks the metrics, tests the alerts, and runs every query of the dashboard, whose JSON is
// compared with the schema of Grafana, as the other objects are with the types of the Prometheus operator.
const ALERT_TESTS = join(import.meta.dirname, "alerts.test.yaml");
const GOLDEN = join(import.meta.dirname, "../../operator/server/testdata/metrics.prom");
/** Names that prom-client gives, and that dashboards for Node expect (findings/prom-client-names-gauges-total.sh). */
const NAMES_OF_PROM_CLIENT = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
].map((name) => `${name} non-counter metrics should not have "_total" suffix`);

const report = timedReport();

try {
  report("promtool, the schema of Grafana, and the types of the Prometheus operator …");
  const promtool = await findProgram(PROMTOOL);
  const dashboardCheck = await findProgram(DASHBOARD_CHECK);
  const objectCheck = await findProgram(OBJECT_CHECK);
  const place = await mkdtemp(join(tmpdir(), "netverdict-monitoring-"));
  try {
    await checkNames(promtool);
    await testAlerts(promtool, place);
    await runQueries(promtool, place);
    succeed(
      "the dashboard by the schema of Grafana",
      await dashboardCheck([], monitoringFile("dashboard.json")),
    );
    for (const file of ["service-monitor.yaml", "prometheus-rule.yaml"])
      succeed(file, await objectCheck([], JSON.stringify(parse(monitoringFile(file)))));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** The whole page of a real operator, and one in which every metric has a series. */
async function checkNames(promtool: Program): Promise<void> {
  for (const exposition of [await processMetrics(), await readFile(GOLDEN, "utf8")]) {
    const { stdout, stderr } = await promtool(["check", "metrics"], exposition);
    const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
    const unexpected = lines.filter((line) => !NAMES_OF_PROM_CLIENT.includes(line));
    if (unexpected.length > 0) throw new Failure(`promtool check metrics:\n${unexpected.join("\n")}`);
  }
  console.log("passed: the metrics have names, units and help texts by Prometheus' conventions");
}

async function processMetrics(): Promise<string> {
  const metrics = createMetrics({ version: "1.2.3", nodeVersion: process.versions.node });
  return (await metrics.expose()).text;
}

async function testAlerts(promtool: Program, place: string): Promise<void> {
  const rules = readRules();
  await writeFile(join(place, "rules.yaml"), stringify(rules));
  await writeFile(join(place, "alerts.test.yaml"), await readFile(ALERT_TESTS));
  succeed(
    "the rules",
    await promtool(["check", "rules", "--lint=all", "--lint-fatal", join(place, "rules.yaml")]),
  );
  succeed("the tests of the alerts", await promtool(["test", "rules", join(place, "alerts.test.yaml")]));
}

/** Each query must have a result where every metric has a series: it is valid, and its labels match. */
async function runQueries(promtool: Program, place: string): Promise<void> {
  const queries = queriesOf(readDashboard());
  const own = (await readFile(GOLDEN, "utf8")).split("\n");
  const others = (await processMetrics()).split("\n").filter((line) => !line.includes("netverdict_"));
  const test = {
    evaluation_interval: "30s",
    tests: [
      {
        interval: "30s",
        input_series: inputSeriesOf([...own, ...others].join("\n")),
        promql_expr_test: queries.map(({ expr }) => ({
          expr: `count(${withValues(expr)}) > bool 0`,
          eval_time: "45m",
          exp_samples: [{ labels: "{}", value: 1 }],
        })),
      },
    ],
  };
  await writeFile(join(place, "queries.yaml"), stringify(test));
  succeed(
    `${queries.length} queries of the dashboard`,
    await promtool(["test", "rules", join(place, "queries.yaml")]),
  );
}

function succeed(what: string, { code, stdout, stderr }: Awaited<ReturnType<Program>>): void {
  if (code !== 0) throw new Failure(`${what}:\n${stdout}${stderr}`);
  console.log(`passed: ${what}`);
}
