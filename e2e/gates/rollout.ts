import { parse } from "yaml";
import { z } from "zod";

import { gateRecipe } from "../../operator/testing/gateRecipe.ts";
import { kubectl } from "../harness/scenario.ts";
import { apply } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { type Version, webDeployment } from "./gatedWeb.ts";

const API = "argoproj.io/v1alpha1";

const strategySchema = z.object({ strategy: z.looseObject({}) });
const rolloutSchema = z.object({
  metadata: z.object({ generation: z.int() }),
  status: z.object({
    observedGeneration: z.string().default(""),
    phase: z.string().default(""),
    message: z.string().default(""),
    stableRS: z.string().default(""),
    currentPodHash: z.string().default(""),
  }),
});
export type RolloutStatus = z.infer<typeof rolloutSchema>["status"];

/** The strategy in docs/gates.md. */
export const WEB_METRIC = gateRecipe("Argo Rollouts", 1);

/** Gives the Rollout `web` this version of its pods. */
export async function rollTo(namespace: string, version: Version, recipe = WEB_METRIC): Promise<void> {
  const { strategy } = strategySchema.parse(parse(recipe));
  const { metadata, spec } = webDeployment(namespace, version);
  const rollout = { apiVersion: API, kind: "Rollout", metadata, spec: { ...spec, strategy } };
  await apply(kubectl, JSON.stringify(rollout));
}

/** Waits until the controller reports one of these phases for the present spec. */
export async function rolloutIs(namespace: string, phases: readonly string[]): Promise<RolloutStatus> {
  return until(
    `Rollout ${namespace}/web is ${phases.join(" or ")}`,
    async () => {
      const text = await kubectl([
        "get",
        "rollouts.argoproj.io",
        "web",
        `--namespace=${namespace}`,
        "-o",
        "json",
      ]);
      const { metadata, status } = rolloutSchema.parse(JSON.parse(text));
      if (status.observedGeneration === String(metadata.generation) && phases.includes(status.phase))
        return status;
      throw new Error(JSON.stringify(status));
    },
    { seconds: 170, everyMs: 1_000 },
  );
}

const runsSchema = z.object({
  items: z.array(
    z.object({
      status: z.object({
        phase: z.string().default(""),
        metricResults: z
          .array(
            z.object({
              measurements: z.array(z.object({ value: z.string().default(""), phase: z.string() })),
            }),
          )
          .default([]),
      }),
    }),
  ),
});

/** The phase of the newest AnalysisRun, and the phases of its measurements. */
export async function newestAnalysis(namespace: string) {
  const flags = [`--namespace=${namespace}`, "--sort-by=.metadata.creationTimestamp", "-o", "json"];
  const { items } = runsSchema.parse(
    JSON.parse(await kubectl(["get", "analysisruns.argoproj.io", ...flags])),
  );
  const status = items.at(-1)?.status;
  const measurements = status?.metricResults.flatMap((metric) => metric.measurements) ?? [];
  return { count: items.length, phase: status?.phase, phases: measurements.map(({ phase }) => phase) };
}
