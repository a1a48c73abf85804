import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { createMetrics } from "../../operator/server/metrics.ts";
import { alertsOf, readRules } from "./alerts.ts";
import { metricsOf, monitoringFile, queriesOf, readDashboard, withValues } from "./dashboard.ts";
import { inputSeriesOf, INTERVALS } from "./inputSeries.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The names of all metrics that an operator has, as its registry knows them. */
async function registered(): Promise<ReadonlySet<string>> {
  const { text } = await createMetrics({ version: "1.2.3", nodeVersion: "24.0.0" }).expose();
  return new Set(Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = ""]) => name));
}

describe("the dashboard", () => {
  const dashboard = readDashboard();

  it("is provisioned without inputs, and its panels read from the data source that a variable names", () => {
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: "datasource", type: "datasource", query: "prometheus" }),
    );
    const withoutSource = dashboard.panels.filter(({ type, datasource }) => type !== "row" && !datasource);
    expect(withoutSource).toEqual([]);
  });

  it("has no id twice, and no two panels at one place", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it.each(queriesOf(dashboard))(
    "reads only metrics that the operator has: $panel, $expr",
    async ({ expr }) => {
      const known = await registered();
      expect(metricsOf(expr)).not.toEqual([]);
      expect(metricsOf(expr).filter((name) => !known.has(name))).toEqual([]);
      expect(withValues(expr)).not.toContain("$");
    },
  );

  it("shows every metric of the operator itself", async () => {
    const shown = new Set(queriesOf(dashboard).flatMap(({ expr }) => metricsOf(expr)));
    const own = [...(await registered())].filter((name) => name.startsWith("netverdict_"));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe("the alerts", () => {
  const alerts = alertsOf(readRules());

  it.each(alerts)("$alert reads only metrics that the operator has", async ({ expr }) => {
    const known = await registered();
    expect(metricsOf(expr)).not.toEqual([]);
    expect(metricsOf(expr).filter((name) => !known.has(name))).toEqual([]);
  });

  it("are tested, each of them: there is a case in which it fires, and one in which it does not", () => {
    const cases = z
      .object({
        tests: z.array(
          z.object({
            alert_rule_test: z.array(
              z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) }),
            ),
          }),
        ),
      })
      .parse(parse(readFileSync(join(import.meta.dirname, "alerts.test.yaml"), "utf8")))
      .tests.flatMap((test) => test.alert_rule_test);
    const named = (fires: boolean) =>
      new Set(cases.filter((each) => each.exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
    const all = alerts.map(({ alert }) => alert).toSorted();
    expect([...named(true)].toSorted()).toEqual(all);
    expect([...named(false)].toSorted()).toEqual(all);
  });

  it("are the table of docs/metrics.md", () => {
    const page = readFileSync(join(ROOT, "docs/metrics.md"), "utf8");
    const rows = Array.from(
      page.matchAll(/^\| `(Netverdict\w+)` \| (\w+) \| \S/gm),
      ([, alert, severity]) => ({
        alert,
        severity,
      }),
    );
    expect(rows).toEqual(alerts.map(({ alert, labels }) => ({ alert, severity: labels.severity })));
  });
});

it("kustomize finds every file of manifests/monitoring, which the installation does not contain", () => {
  const { resources, configMapGenerator } = z
    .object({
      resources: z.array(z.string()),
      configMapGenerator: z.array(z.object({ files: z.array(z.string()) })),
    })
    .parse(parse(monitoringFile("kustomization.yaml")));
  const files = configMapGenerator.flatMap((each) => each.files.map((file) => file.split("=")[1] ?? ""));
  expect(files).toEqual(["dashboard.json"]);
  const missing = [...resources, ...files].filter(
    (file) => !existsSync(join(ROOT, "manifests/monitoring", file)),
  );
  expect(missing).toEqual([]);
  expect(readFileSync(join(ROOT, "manifests/kustomization.yaml"), "utf8")).not.toContain("monitoring");
});

it("an exposition becomes series that grow by one, and gauges that keep their value", () => {
  const text = [
    "# HELP a_total help",
    "# TYPE a_total counter",
    'a_total{code="0"} 3',
    "# TYPE b gauge",
    "b 1.5",
    "b_tiny NaN",
    "# TYPE c_seconds histogram",
    'c_seconds_bucket{le="+Inf"} 1',
    "# TYPE d gauge",
    "d 5e-7",
  ].join("\n");
  expect(inputSeriesOf(text)).toEqual([
    { series: 'a_total{code="0"}', values: `3+1x${INTERVALS}` },
    { series: "b", values: `1.5+0x${INTERVALS}` },
    { series: 'c_seconds_bucket{le="+Inf"}', values: `1+1x${INTERVALS}` },
    { series: "d", values: `0.000000500000+0x${INTERVALS}` },
  ]);
});
