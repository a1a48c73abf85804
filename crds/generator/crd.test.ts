import { describe, expect, it } from "vitest";
import { type CustomResourceDefinition, customResourceDefinitions } from "./crd.ts";
import type { SchemaNode } from "./schema.ts";

const crds = customResourceDefinitions();
const kinds = crds.map((crd) => [crd.spec.names.kind, crd] as const);
const versionOf = (crd: CustomResourceDefinition) => crd.spec.versions[0];

/** Every node below the root, with its path. */
function nodes(node: SchemaNode, path = ""): [string, SchemaNode][] {
  const { properties = {}, items, additionalProperties } = node;
  const below = Object.entries({
    ...properties,
    ...(items && { "[]": items }),
    ...(typeof additionalProperties === "object" && { "{}": additionalProperties }),
  });
  return below.flatMap(([name, child]): [string, SchemaNode][] => [
    [`${path}.${name}`, child],
    ...nodes(child, `${path}.${name}`),
  ]);
}

const all = (crd: CustomResourceDefinition) => nodes(versionOf(crd).schema.openAPIV3Schema);
const pathsOf = (crd: CustomResourceDefinition, wrong: (node: SchemaNode, path: string) => boolean) =>
  all(crd)
    .filter(([path, node]) => wrong(node, path))
    .map(([path]) => path);

describe.each(kinds)("the CustomResourceDefinition of %s", (_, crd) => {
  it("describes every field for kubectl explain", () => {
    const element = /\.(\[\]|\{\})$/;
    expect(
      pathsOf(crd, ({ description }, path) => !description && path !== ".metadata" && !element.test(path)),
    ).toEqual([]);
  });

  it("caps every list, map and text, as CEL's cost estimate wants it", () => {
    const own = /^\.(apiVersion|kind|metadata)$/;
    const uncapped = (node: SchemaNode) =>
      (node.type === "array" && node["maxItems"] === undefined) ||
      (node.additionalProperties !== undefined && node["maxProperties"] === undefined) ||
      (node.type === "string" && node["maxLength"] === undefined && node["enum"] === undefined);
    expect(pathsOf(crd, (node, path) => uncapped(node) && !own.test(path))).toEqual([]);
  });

  it("is listed by kubectl get netverdict, and has a subresource for its status, if it has one", () => {
    expect(crd.spec.names.categories).toEqual(["netverdict"]);
    const { properties } = versionOf(crd).schema.openAPIV3Schema;
    expect(Object.hasOwn(versionOf(crd).subresources, "status")).toBe(properties?.["status"] !== undefined);
  });

  it("prints only what the schema has", () => {
    const known = new Set([...all(crd).map(([path]) => path), ".metadata.creationTimestamp"]);
    const printed = versionOf(crd).additionalPrinterColumns.map(({ jsonPath }) =>
      jsonPath.replaceAll("[*]", ".[]"),
    );
    expect(printed.filter((path) => !known.has(path))).toEqual([]);
  });
});

describe.each(crds.filter(({ spec }) => spec.names.kind.endsWith("Test")))("$spec.names.kind", (test) => {
  it("prints verdict, passed, last run and message, and the rest with -o wide", () => {
    const columns = versionOf(test).additionalPrinterColumns;
    expect(columns.map(({ name, priority }) => (priority ? `(${name})` : name))).toEqual([
      "Verdict",
      "Passed",
      "Last Run",
      "Message",
      "(Next)",
      "(Run)",
      "(Age)",
    ]);
  });

  it("is Pending and unobserved before the operator has read it", () => {
    const { status } = versionOf(test).schema.openAPIV3Schema.properties ?? {};
    expect(status?.["default"]).toEqual({ observedGeneration: -1, verdict: "Pending" });
  });
});

describe("the scope", () => {
  it.each([
    ["ConnectivityTest", "Namespaced"],
    ["ClusterConnectivityTest", "Cluster"],
    ["ProbeGrant", "Namespaced"],
    ["ProbeRun", "Namespaced"],
  ])("of %s is %s", (kind, scope) => {
    expect(crds.find(({ spec }) => spec.names.kind === kind)?.spec.scope).toBe(scope);
  });
});

describe("ProbeRun", () => {
  it("has a scale of no replicas, independent of its spec", () => {
    const run = crds.find(({ spec }) => spec.names.kind === "ProbeRun");
    const { spec } = (run && versionOf(run).schema.openAPIV3Schema.properties) ?? {};
    expect(run && versionOf(run).subresources).toHaveProperty("scale.specReplicasPath", ".spec.replicas");
    expect(spec?.properties?.["replicas"]).toMatchObject({ default: 0, minimum: 0, maximum: 0 });
  });
});
