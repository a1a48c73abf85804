import { parse, stringify } from "yaml";
import { z } from "zod";
import { READINESS_GATE, templateOf } from "./chartTemplates.ts";
import { type ChartDefaults, chartDefaults, valuesSchema, valuesYaml } from "./chartValues.ts";

/** What the chart is generated from: a file of manifests/ by its path there, and package.json. */
export interface ChartSources {
  readonly manifest: (path: string) => string;
  readonly package: string;
}

const installedSchema = z.object({ resources: z.array(z.string()) });
const kustomizationSchema = installedSchema.extend({
  images: z.tuple([z.object({ name: z.string(), newTag: z.string() })]),
});
const packageSchema = z.object({ name: z.string(), version: z.string(), description: z.string() });

/** The oldest Kubernetes that netverdict runs on, as docs/spec/connectivitytest.md states it. */
const OLDEST_KUBERNETES = ">=1.34.0-0";
const HEADER = "# Generated from manifests/ by `npm run generate`. Do not edit.\n";

/**
 * Returns the files of the Helm chart by their paths in manifests/chart: a template for each file that kustomization.yaml
 * installs and for the rights of the readiness gate, and values whose defaults are those of the manifests. Throws if a manifest lacks what a value replaces.
 */
export function chartFiles(sources: ChartSources): ReadonlyMap<string, string> {
  const { resources, images } = kustomizationSchema.parse(parse(sources.manifest("kustomization.yaml")));
  const [{ name, newTag }] = images;
  const defaults: ChartDefaults = {
    image: `${name}:${newTag}`,
    ...chartDefaults(sources.manifest("deployment.yaml")),
  };
  const gate = installedSchema.parse(parse(sources.manifest(`${READINESS_GATE}kustomization.yaml`)));
  const optional = gate.resources.map((path) => READINESS_GATE + path);
  const templates = [...resources, ...optional].map(
    (path) => [`templates/${path}`, templateOf(path, sources.manifest(path))] as const,
  );
  return new Map([
    ["Chart.yaml", chartYaml(sources.package)],
    ["values.yaml", HEADER + valuesYaml(defaults)],
    ["values.schema.json", `${JSON.stringify(valuesSchema(Object.keys(defaults.environment)), null, 2)}\n`],
    ["templates/NOTES.txt", NOTES],
    ...templates,
  ]);
}

function chartYaml(packageJson: string): string {
  const { name, version, description } = packageSchema.parse(JSON.parse(packageJson));
  const chart = { apiVersion: "v2", name, description, type: "application", version, appVersion: version };
  return HEADER + stringify({ ...chart, kubeVersion: OLDEST_KUBERNETES });
}

const NOTES = `netverdict is installed in the namespace {{ .Release.Namespace }}. All tests: kubectl get connectivitytests -A
{{- if .Values.crds.keep }}
helm uninstall keeps the CustomResourceDefinitions, and with them all tests.
{{- else }}
helm uninstall deletes the CustomResourceDefinitions, and with them ALL TESTS of the cluster.
{{- end }}
`;
