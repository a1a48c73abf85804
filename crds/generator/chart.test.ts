import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { chartFiles } from "./chart.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The chart of the manifests, with other texts for some of them. */
const chartWith = (changed: Readonly<Record<string, string>> = {}) =>
  chartFiles({
    manifest: (path) => changed[path] ?? read(`manifests/${path}`),
    package: read("package.json"),
  });
const chart = chartWith();
const templates = [...chart].filter(([path]) => path.startsWith("templates/"));
const allTemplates = templates.map(([, text]) => text).join("\n");
/** As Helm reads it. */
const values: unknown = parse(chart.get("values.yaml") ?? "", { version: "1.1" });
const schema = z.json().parse(JSON.parse(chart.get("values.schema.json") ?? ""));

/** The paths of the values, such as `environment.NETVERDICT_GATE`. A value that is an object for Kubernetes is one value. */
function pathsOf(value: unknown, path: readonly string[] = []): string[] {
  const isOne = ["resources", "nodeSelector"].includes(path.join("."));
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  if (!fields.success || isOne) return [path.join(".")];
  return Object.entries(fields.data).flatMap(([name, field]) => pathsOf(field, [...path, name]));
}

describe("the Helm chart", () => {
  it("has a template for each file that one of the two kustomizations installs, and notes", () => {
    const resources = ["", "readiness-gate/"].flatMap((folder) =>
      z
        .object({ resources: z.array(z.string()) })
        .parse(parse(read(`manifests/${folder}kustomization.yaml`)))
        .resources.map((path) => folder + path),
    );
    expect(templates.map(([path]) => path.replace("templates/", "")).toSorted()).toEqual(
      ["NOTES.txt", ...resources].toSorted(),
    );
  });

  it("names the namespace of the release, and no fixed one", () => {
    expect(allTemplates).toContain("system:serviceaccount:{{ .Release.Namespace }}:netverdict");
    expect(allTemplates).not.toContain("netverdict-system");
  });

  it("has a value for each one that a template uses, and no other", () => {
    const used = Array.from(allTemplates.matchAll(/\.Values\.([\w.]+)/g), ([, path = ""]) => path);
    expect([...new Set(used)].toSorted()).toEqual(pathsOf(values).toSorted());
  });

  it("has the version and the description of package.json", () => {
    expect(parse(chart.get("Chart.yaml") ?? "")).toMatchObject({
      name: "netverdict",
      version: "0.1.0",
      appVersion: "0.1.0",
      description: "Connectivity tests that can be trusted, inside Kubernetes",
    });
  });

  it("keeps the oldest Kubernetes that the specification states", () => {
    const [, oldest] = /needs Kubernetes ([\d.]+) or later/.exec(read("docs/spec/connectivitytest.md")) ?? [];
    expect(chart.get("Chart.yaml")).toContain(`kubeVersion: ">=${oldest}.0-0"`);
  });
});

describe("the schema of the values", () => {
  const accepts = (input: unknown) =>
    z.fromJSONSchema(z.record(z.string(), z.json()).parse(schema)).safeParse(input).success;
  const base = z.record(z.string(), z.unknown()).parse(values);

  it("accepts the defaults, also beside those of other charts", () => {
    expect(accepts(values)).toBe(true);
    expect(accepts({ ...base, global: { region: "eu" } })).toBe(true);
  });

  it.each<[string, object]>([
    ["an unknown value", { images: "netverdict:1" }],
    ["an image with a space", { image: "netverdict: 1" }],
    ["a probe image with a quote, which would end the text in the policy's expression", { probeImage: "a'" }],
    ["no replica", { replicas: 0 }],
    ["an unknown setting", { environment: { NETVERDICT_GATES: "off" } }],
    ["crds without a choice", { crds: { install: true } }],
  ])("rejects %s", (_, change) => {
    expect(accepts({ ...base, ...change })).toBe(false);
  });
});

describe("the generation of the chart", () => {
  it("fails if a manifest no longer has what a value replaces", () => {
    const policy = read("manifests/admission/operator.yaml").replace(`"'netverdict'"`, `"'other'"`);
    expect(() => chartWith({ "admission/operator.yaml": policy })).toThrow(
      /^manifests\/admission\/operator\.yaml: .* matches 0 times\. Adapt crds\/generator\/chartTemplates\.ts$/,
    );
  });

  it("fails if a manifest has it twice", () => {
    const deployment = read("manifests/deployment.yaml").replace(
      "  replicas: 2",
      "  # not replicas: 3\n  replicas: 2",
    );
    expect(() => chartWith({ "deployment.yaml": deployment })).toThrow("matches 2 times");
  });

  it("fails at a setting without a schema", () => {
    const deployment = read("manifests/deployment.yaml").replace("NETVERDICT_CONCURRENCY", "NETVERDICT_NEW");
    expect(() => chartWith({ "deployment.yaml": deployment })).toThrow("NETVERDICT_NEW has no JSON schema");
  });

  it("leaves double braces of a manifest as text", () => {
    const service = `${read("manifests/service.yaml")}# {{ name }}\n`;
    expect(chartWith({ "service.yaml": service }).get("templates/service.yaml")).toContain(
      '# {{ "{{" }} name }}',
    );
  });
});
