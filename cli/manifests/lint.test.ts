import * as fc from "fast-check";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lintManifest } from "./lint.ts";

const ROOT = join(import.meta.dirname, "../..");

const HEAD = `apiVersion: netverdict.dev/v1alpha1
kind: ConnectivityTest
metadata: {name: web, namespace: shop}
`;
const EXPECTATION = `    - name: client-to-web
      from: {podSelector: {matchLabels: {app: client}}}
      to: {service: {name: web}}
      tcp: {port: 80}
      expect: Allowed
`;
const GOOD = `${HEAD}spec:
  expectations:
${EXPECTATION}`;

const lint = (text: string) =>
  lintManifest(text).problems.map(({ line, column, sentence }) => `${line}:${column}: ${sentence}`);

describe("lintManifest", () => {
  it.each(globSync("manifests/samples/*.yaml", { cwd: ROOT }))("finds nothing in %s", (sample) => {
    const { problems, checked } = lintManifest(readFileSync(join(ROOT, sample), "utf8"));
    expect(problems).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  it("counts what it has checked, and what is of other kinds", () => {
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containrs: []}\n";
    expect(lintManifest(`${GOOD}---\n${pod}`)).toEqual({ problems: [], checked: 1, skipped: 1 });
  });

  it.each<{ name: string; text: string; says: string[] }>([
    {
      name: "no YAML",
      text: `${GOOD}---\na: 1\na: 2\n`,
      says: ["13:1: it is not valid YAML (Map keys must be unique)"],
    },
    { name: "nothing", text: "", says: ["1:1: there is no object of netverdict.dev/v1alpha1 in it."] },
    {
      name: "objects of others alone",
      text: "apiVersion: v1\nkind: Pod\n",
      says: ["1:1: there is no object of"],
    },
    { name: "a list", text: "- a\n", says: ["1:1: it is no object of Kubernetes."] },
    {
      name: "a misspelt field",
      text: GOOD.replace("podSelector", "podSelectr"),
      says: [
        "7:7: spec.expectations[0].from.podSelector: it is missing. Write it.",
        "7:14: spec.expectations[0].from.podSelectr: there is no such field. Did you mean podSelector?",
      ],
    },
    {
      name: "a field at the top",
      text: `${GOOD}specification: {}\n`,
      says: [
        "11:1: specification: there is no such field. Use one of: apiVersion, kind, metadata, status, spec.",
      ],
    },
    {
      name: "a misspelt kind",
      text: GOOD.replace("ConnectivityTest", "ConectivityTest"),
      says: ['2:1: kind: "ConectivityTest" is none. Did you mean ConnectivityTest?'],
    },
    {
      name: "another version",
      text: GOOD.replace("v1alpha1", "v1"),
      says: ['1:1: apiVersion: "netverdict.dev/v1" is none of netverdict. Write netverdict.dev/v1alpha1.'],
    },
    {
      name: "a wrong name",
      text: GOOD.replace("name: web,", "name: Web,"),
      says: ["3:12: metadata.name: it must be"],
    },
    {
      name: "a namespace of a ClusterConnectivityTest",
      text: GOOD.replace("kind: Conn", "kind: ClusterConn"),
      says: [
        "3:23: metadata.namespace: a ClusterConnectivityTest has none. Remove it.",
        "6:7: spec.expectations[0]: to.service.namespace must be set",
        "7:7: spec.expectations[0].from: exactly one of namespaceSelector, node must be set. Correct it.",
      ],
    },
    { name: "no spec", text: HEAD, says: ["1:1: spec: it is missing. Write it."] },
    {
      name: "a wrong type",
      text: GOOD.replace("port: 80", "port: [80]"),
      says: ["9:13: spec.expectations[0].tcp.port: it is of another type. Correct it."],
    },
    {
      name: "a rule of the API server",
      text: GOOD.replace("tcp: {port: 80}", "icmp: {}"),
      says: ["6:7: spec.expectations[0]: icmp cannot have a service as its target"],
    },
    {
      name: "an unknown word",
      text: GOOD.replace("Allowed", "Permitted"),
      says: ['10:7: spec.expectations[0].expect: expected one of "Allowed"|"Denied". Correct it.'],
    },
    {
      name: "two expectations of one name",
      text: `${GOOD}${EXPECTATION}`,
      says: ["11:7: spec.expectations[1].name: names must be unique. Correct it."],
    },
  ])("reports $name", ({ text, says }) => {
    const found = lint(text);
    expect(found).toHaveLength(says.length);
    says.forEach((sentence, index) => expect(found[index]).toContain(sentence));
  });

  it("reports a field of a wrong type or an unknown name, wherever it is", () => {
    const lines = GOOD.split("\n");
    const places = lines.flatMap((line, index) => (/^ {6}\w+:/.test(line) ? [index] : []));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom("5", "[x]", "{unknown: 1}"), (place, value) => {
        const text = lines.with(place, (lines[place] ?? "").replace(/:.*/, `: ${value}`)).join("\n");
        expect(lintManifest(text).problems.map(({ line }) => line)).toContain(place + 1);
      }),
    );
  });

  it("throws for no text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { checked, skipped, problems } = lintManifest(`${HEAD}${text}`);
        expect(checked + skipped + problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
