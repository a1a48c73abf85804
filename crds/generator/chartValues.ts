import { isMap, isSeq, parse, parseDocument, stringify } from "yaml";
import { z } from "zod";
import { FIXED_VARIABLES } from "./chartTemplates.ts";

/** A setting of the operator as a value: its default, and the comment of the Deployment. */
interface OperatorSetting {
  readonly value: string | number | boolean;
  readonly comment: string | undefined;
}

/** The defaults of values that the manifests have. */
export interface ChartDefaults {
  readonly image: string;
  readonly replicas: number;
  readonly resources: object;
  readonly certificateSecret: string;
  readonly environment: Readonly<Record<string, OperatorSetting>>;
}

/**
 * The JSON schema of each setting. operator/config.ts decides what the operator accepts; its tests compare the two. Only ranges are
 * checked less strictly here.
 */
const SETTINGS: Readonly<Record<string, object>> = {
  NETVERDICT_PROBE_IMAGE_PULL_POLICY: { enum: ["Always", "IfNotPresent", "Never"] },
  NETVERDICT_PROBE_START_TIMEOUT: {
    type: "string",
    allOf: [
      { type: "string", pattern: "^([0-9]{1,6}(ms|s|m|h))+$" },
      { type: "string", pattern: "[1-9]" },
    ],
  },
  NETVERDICT_WITNESS: { type: "boolean" },
  NETVERDICT_WITNESS_ALLOW: { type: "string", pattern: "^[0-9a-fA-F.:/, ]*$" },
  NETVERDICT_MAX_PODS: { type: "integer", minimum: 1, maximum: 100_000 },
  NETVERDICT_MAX_PODS_PER_NAMESPACE: { type: "integer", minimum: 1, maximum: 100_000 },
  NETVERDICT_CONCURRENCY: { type: "integer", minimum: 1, maximum: 256 },
  NETVERDICT_METRICS_AUTHENTICATION: { type: "boolean" },
  NETVERDICT_GATE: { enum: ["off", "https", "http"] },
  NETVERDICT_READINESS_GATE: { type: "boolean" },
  NETVERDICT_LOG_LEVEL: { enum: ["error", "warn", "info", "debug"] },
};

/** Helm reads values by YAML 1.1, in which `off` is false. */
const YAML_1_1 = { version: "1.1" } as const;

const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.number(),
    template: z.object({
      spec: z.object({
        containers: z.tuple([z.object({ resources: z.looseObject({}) })]),
        volumes: z.tuple([z.object({ secret: z.object({ secretName: z.string() }) })]),
      }),
    }),
  }),
});
const variableSchema = z.object({ name: z.string(), value: z.string().optional() });

/** Returns the defaults that are in the Deployment. Throws if it has a setting without a schema. */
export function chartDefaults(deployment: string): Omit<ChartDefaults, "image"> {
  const { spec } = deploymentSchema.parse(parse(deployment));
  const { containers, volumes } = spec.template.spec;
  return {
    replicas: spec.replicas,
    resources: containers[0].resources,
    certificateSecret: volumes[0].secret.secretName,
    environment: Object.fromEntries(settingsOf(deployment)),
  };
}

function settingsOf(deployment: string): (readonly [string, OperatorSetting])[] {
  const variables = parseDocument(deployment).getIn(["spec", "template", "spec", "containers", 0, "env"]);
  if (!isSeq(variables)) throw new Error("manifests/deployment.yaml: the operator has no variables");
  return variables.items.flatMap((item) => {
    if (!isMap(item)) return [];
    const { name, value } = variableSchema.parse(item.toJSON());
    // The probe image is a value of its own. What the pod knows of itself is no setting.
    const isSetting = name !== "NETVERDICT_PROBE_IMAGE" && !FIXED_VARIABLES.includes(name);
    if (value === undefined || !isSetting) return [];
    return [[name, { value: typed(name, value), comment: item.commentBefore ?? undefined }] as const];
  });
}

function typed(name: string, value: string): string | number | boolean {
  const schema = z.looseObject({ type: z.string().optional() }).safeParse(SETTINGS[name]).data;
  if (schema === undefined)
    throw new Error(`${name} has no JSON schema. Add one in crds/generator/chartValues.ts`);
  if (schema.type === "integer") return Number(value);
  return schema.type === "boolean" ? value === "true" : value;
}

/** Returns values.yaml, with a comment for each value. */
export function valuesYaml({
  image,
  replicas,
  resources,
  certificateSecret,
  environment,
}: ChartDefaults): string {
  const settings = Object.entries(environment).map(([name, { value, comment }]) =>
    [
      ...(comment === undefined ? [] : [`#${comment.replaceAll("\n", "\n  #")}`]),
      stringify({ [name]: value }, YAML_1_1),
    ]
      .map((line) => `  ${line}`)
      .join("\n"),
  );
  return `
# The operator's image, with its registry and its tag or digest.
image: ${image}
# The image of probe pods. Empty: the operator's image.
probeImage: ""
# Secrets of the release's namespace to pull the operator's image with, such as [{name: registry}].
imagePullSecrets: []

# One replica leads, the others can take over.
replicas: ${replicas}
resources: ${JSON.stringify(resources)}
nodeSelector: {}
tolerations: []

# The Secret with the certificate of the gate endpoint (NETVERDICT_GATE: https): tls.crt and tls.key.
gateCertificateSecret: ${certificateSecret}

crds:
  # false: install manifests/crds/ yourself.
  install: true
  # false: helm uninstall deletes the CustomResourceDefinitions, and with them all tests of the cluster.
  keep: true

# For \`helm template\` alone: the output contains the Namespace of the release. helm install needs the namespace before it installs
# anything.
createNamespace: false

# The operator's settings, by the names of its environment variables.
environment:
${settings.join("")}`;
}

/** Returns the JSON schema of the values, with these settings. */
export function valuesSchema(settings: readonly string[]): object {
  const image = "[A-Za-z0-9][A-Za-z0-9._:/@-]*";
  const properties = {
    image: { type: "string", pattern: `^${image}$`, maxLength: 512 },
    // It becomes a text in an expression of an admission policy.
    probeImage: { type: "string", pattern: `^(${image})?$`, maxLength: 512 },
    imagePullSecrets: {
      type: "array",
      items: closedObject({ name: { type: "string", minLength: 1 } }),
    },
    replicas: { type: "integer", minimum: 1 },
    resources: { type: "object" },
    nodeSelector: { type: "object", additionalProperties: { type: "string" } },
    tolerations: { type: "array", items: { type: "object" } },
    gateCertificateSecret: { type: "string", minLength: 1 },
    crds: closedObject({ install: { type: "boolean" }, keep: { type: "boolean" } }),
    createNamespace: { type: "boolean" },
    environment: closedObject(Object.fromEntries(settings.map((name) => [name, SETTINGS[name] ?? {}]))),
  };
  const { required, ...schema } = closedObject(properties);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...schema,
    required,
    // Helm adds it if the chart is a dependency of another one.
    properties: { ...properties, global: { type: "object" } },
  };
}

/** All properties are required: a value that a user sets to null is removed, and the template would have nothing. */
function closedObject(properties: Readonly<Record<string, object>>) {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}
