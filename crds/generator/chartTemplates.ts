/** The install namespace in the manifests; in the chart, that of the release. */
const NAMESPACE = "netverdict-system";

/** A change that makes a value of a fixed text. It must apply exactly once, so that a changed manifest cannot lose a value. */
interface ValueEdit {
  readonly find: RegExp;
  readonly replace: string;
}

/** Variables of the Deployment that are no values: other objects name the port, and only one replica may lead. */
export const FIXED_VARIABLES: readonly string[] = ["NETVERDICT_PORT", "NETVERDICT_LEADER_ELECTION"];

/** An environment variable of the Deployment with a fixed value: its name and the value as YAML. */
export const VARIABLE = /\{name: (NETVERDICT_\w+), value: ("[^"]*"|[^}]*)\}/g;
const PROBE_IMAGE = "NETVERDICT_PROBE_IMAGE";

/** The value `probeImage`, or the image of the operator. */
const PROBE_IMAGE_VALUE = ".Values.probeImage | default .Values.image";

const EDITS: Readonly<Record<string, readonly ValueEdit[]>> = {
  "deployment.yaml": [
    { find: /replicas: \d+/, replace: "replicas: {{ .Values.replicas }}" },
    { find: /image: netverdict$/m, replace: "image: {{ .Values.image | quote }}" },
    {
      find: /serviceAccountName: netverdict$/m,
      replace: ["$&", ...["imagePullSecrets", "nodeSelector", "tolerations"].flatMap(optionalField)].join(
        "\n",
      ),
    },
    {
      find: /resources:\n(?: {12}\S.*\n)+/,
      replace: "resources: {{- toYaml .Values.resources | nindent 12 }}\n",
    },
    {
      find: /secretName: netverdict-gate-tls/,
      replace: "secretName: {{ .Values.gateCertificateSecret | quote }}",
    },
  ],
  "admission/operator.yaml": [
    {
      find: /expression: "'netverdict'"/,
      replace: `expression: {{ printf "'%s'" (${PROBE_IMAGE_VALUE}) | quote }}`,
    },
  ],
};

const KEPT: ValueEdit = {
  find: /^metadata:$/m,
  replace: [
    "metadata:",
    "  {{- if .Values.crds.keep }}",
    "  annotations:",
    "    helm.sh/resource-policy: keep",
    "  {{- end }}",
  ].join("\n"),
};

/** The folder of what only the setting of that name needs; a kustomization of its own. */
export const READINESS_GATE = "readiness-gate/";

/** The condition under which a file is installed at all. */
function conditionFor(path: string): string | undefined {
  if (path.startsWith("crds/")) return ".Values.crds.install";
  if (path.startsWith(READINESS_GATE)) return ".Values.environment.NETVERDICT_READINESS_GATE";
  if (path === "namespace.yaml") return ".Values.createNamespace";
  // Of one replica, it would block every drain.
  if (path === "disruption-budget.yaml") return "gt (int .Values.replicas) 1";
  return undefined;
}

/** Returns the Helm template of a manifest. Throws if an edit does not apply exactly once. */
export function templateOf(path: string, manifest: string): string {
  const escaped = manifest.replaceAll("{{", '{{ "{{" }}').replaceAll(NAMESPACE, "{{ .Release.Namespace }}");
  const edits = path.startsWith("crds/") ? [KEPT] : (EDITS[path] ?? []);
  const edited = edits.reduce((text, edit) => applied(path, { text, edit }), escaped);
  const template = path === "deployment.yaml" ? withVariables(edited) : edited;
  const header = `{{- /* Generated from manifests/${path} by \`npm run generate\`. Do not edit. */ -}}\n`;
  const condition = conditionFor(path);
  return condition === undefined
    ? header + template
    : `${header}{{- if ${condition} }}\n${template}{{- end }}\n`;
}

function applied(path: string, { text, edit }: { readonly text: string; readonly edit: ValueEdit }): string {
  const count = text.split(edit.find).length - 1;
  if (count !== 1)
    throw new Error(
      `manifests/${path}: ${edit.find} matches ${count} times. Adapt crds/generator/chartTemplates.ts`,
    );
  return text.replace(edit.find, edit.replace);
}

function withVariables(deployment: string): string {
  return deployment.replaceAll(VARIABLE, (line, name: string) => {
    if (FIXED_VARIABLES.includes(name)) return line;
    const value = name === PROBE_IMAGE ? PROBE_IMAGE_VALUE : `.Values.environment.${name}`;
    return `{name: ${name}, value: {{ ${value} | quote }}}`;
  });
}

/** A field of the pod that is there only if its value is not empty. */
function optionalField(name: string): string[] {
  return [
    `      {{- with .Values.${name} }}`,
    `      ${name}: {{- toYaml . | nindent 8 }}`,
    "      {{- end }}",
  ];
}
