import { parse } from "yaml";
import { z } from "zod";

import { monitoringFile } from "./dashboard.ts";

const ruleSchema = z.object({
  alert: z.string(),
  expr: z.string(),
  labels: z.object({ severity: z.enum(["critical", "warning", "info"]) }),
  annotations: z.object({ summary: z.string() }),
});

const prometheusRuleSchema = z.object({
  spec: z.object({ groups: z.array(z.looseObject({ rules: z.array(z.looseObject(ruleSchema.shape)) })) }),
});

/** The rules of the PrometheusRule, as a rule file of Prometheus has them. */
export const readRules = (): z.infer<typeof prometheusRuleSchema>["spec"] =>
  prometheusRuleSchema.parse(parse(monitoringFile("prometheus-rule.yaml"))).spec;

export type Alert = z.infer<typeof ruleSchema>;

export const alertsOf = ({ groups }: ReturnType<typeof readRules>): Alert[] =>
  groups.flatMap(({ rules }) => rules);
