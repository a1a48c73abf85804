import { describe, expect, it } from "vitest";
import { testManifests, type NamespaceChoice } from "./testManifest.ts";

const HEAD = "apiVersion: netverdict.dev/v1alpha1\nkind: ConnectivityTest\n";

const read = (text: string, choice: NamespaceChoice = {}) => {
  const { tests, problems } = testManifests(text, choice);
  return {
    tests: tests.map(({ key }) => key),
    problems: problems.map(({ line, column, sentence }) => `${line}:${column}: ${sentence}`),
  };
};

describe("testManifests", () => {
  it("has each test of several documents, in the namespace of the file", () => {
    const cluster =
      "apiVersion: netverdict.dev/v1alpha1\nkind: ClusterConnectivityTest\nmetadata: {name: wide}\n";
    const text = `${HEAD}metadata: {name: web, namespace: shop}\n---\n${cluster}`;
    expect(read(text, { ofContext: "other" })).toEqual({
      tests: [
        { namespace: "shop", name: "web" },
        { namespace: "", name: "wide" },
      ],
      problems: [],
    });
  });

  it.each([
    { choice: { ofContext: "ctx" }, namespace: "ctx" },
    { choice: { given: "opt", ofContext: "ctx" }, namespace: "opt" },
  ])("uses $namespace where the file has no namespace", ({ choice, namespace }) => {
    const [test] = testManifests(`${HEAD}metadata: {name: web}\nspec: {x: 1}\n`, choice).tests;
    expect(test?.key).toEqual({ namespace, name: "web" });
    expect(test?.object).toEqual({
      apiVersion: "netverdict.dev/v1alpha1",
      kind: "ConnectivityTest",
      metadata: { name: "web", namespace },
      spec: { x: 1 },
    });
  });

  it("leaves out the status and a token, and keeps other annotations", () => {
    const annotations = "{netverdict.dev/run-requested: old, team: shop}";
    const text = `${HEAD}metadata: {name: web, annotations: ${annotations}}\nstatus: {verdict: Passed}\n`;
    expect(testManifests(text, { given: "shop" }).tests[0]?.object).toEqual({
      apiVersion: "netverdict.dev/v1alpha1",
      kind: "ConnectivityTest",
      metadata: { name: "web", namespace: "shop", annotations: { team: "shop" } },
    });
  });

  it.each<{ name: string; text: string; choice?: NamespaceChoice; says: string }>([
    { name: "no document", text: "# later\n", says: "1:1: there is no test in it. Write at least one" },
    { name: "a text", text: "later\n", says: "1:1: it is no object of Kubernetes." },
    { name: "no YAML", text: "a: [\n", says: "it is not valid YAML (" },
    {
      name: "another kind",
      text: "apiVersion: v1\nkind: Pod\n",
      says: '2:1: the kind "Pod" of "v1" is no test. Use only ConnectivityTests and',
    },
    {
      name: "another version",
      text: "apiVersion: netverdict.dev/v2\nkind: ConnectivityTest\n",
      says: '2:1: the kind "ConnectivityTest" of "netverdict.dev/v2" is no test.',
    },
    {
      name: "no name",
      text: `${HEAD}metadata: {labels: {}}\n`,
      says: "3:1: the test has no valid metadata.name",
    },
    {
      name: "a generated name",
      text: `${HEAD}metadata: {generateName: web-}\n`,
      says: "3:1: the test has no valid metadata.name",
    },
    {
      name: "no namespace at all",
      text: `${HEAD}metadata: {name: web}\n`,
      says: "3:1: the test has no namespace. Write metadata.namespace, or use --namespace.",
    },
    {
      name: "another namespace than --namespace",
      text: `${HEAD}metadata: {name: web, namespace: shop}\n`,
      choice: { given: "bank" },
      says: "3:23: its namespace is shop, and --namespace is bank.",
    },
    {
      name: "a namespace of a ClusterConnectivityTest",
      text: "apiVersion: netverdict.dev/v1alpha1\nkind: ClusterConnectivityTest\nmetadata: {name: w, namespace: shop}\n",
      says: "3:21: a ClusterConnectivityTest has no namespace.",
    },
    {
      name: "the same test twice",
      text: `${HEAD}metadata: {name: web}\n---\n${HEAD}metadata:\n  name: web\n`,
      choice: { given: "shop" },
      says: "8:3: the test shop/web is in the file twice.",
    },
  ])("rejects $name", ({ text, choice, says }) => {
    const { problems } = read(text, choice);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(says);
  });
});
