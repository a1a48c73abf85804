import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

const FOLDER = join(import.meta.dirname, "../../manifests/monitoring");

const datasourceSchema = z.object({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });

const panelSchema = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: datasourceSchema.optional(),
  targets: z
    .array(z.object({ refId: z.string(), datasource: datasourceSchema, expr: z.string().min(1) }))
    .default([]),
});

/** What Grafana needs to provision the dashboard: no `__inputs`, which only its import by hand asks for. */
const dashboardSchema = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  __inputs: z.undefined().optional(),
  __requires: z.undefined().optional(),
  id: z.undefined().optional(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.unknown() })),
  }),
  panels: z.array(panelSchema),
});
export type Dashboard = z.infer<typeof dashboardSchema>;

/** The text of a file in manifests/monitoring. */
export const monitoringFile = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

export const readDashboard = (): Dashboard =>
  dashboardSchema.parse(JSON.parse(monitoringFile("dashboard.json")));

/** A query of a panel. */
export interface PanelQuery {
  readonly panel: string;
  /** With the variables of Grafana. */
  readonly expr: string;
}

export const queriesOf = ({ panels }: Dashboard): PanelQuery[] =>
  panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: title, expr })));

/** The values that Grafana would put in: all namespaces, and the usual window of a rate. */
const VARIABLES: Readonly<Record<string, string>> = { $namespace: ".*", $__rate_interval: "5m" };

/** A query without variables. One that is not known stays, and promtool rejects it. */
export const withValues = (expr: string): string =>
  Object.entries(VARIABLES).reduce((text, [variable, value]) => text.replaceAll(variable, value), expr);

/** The metrics that a query reads; of a histogram its own name. */
export function metricsOf(expr: string): string[] {
  const names = expr.match(/\b(?:netverdict|process|nodejs)_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, "")))];
}
