import { Document, isMap, isSeq } from "yaml";
import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import type { FirstTest, FirstTests } from "./firstTests.ts";

/** Returns the tests as YAML for a person to edit: with the reason of each expectation, and what is left out, as comments. */
export function testText({ tests, notes }: FirstTests, namespace: string): string {
  const head = [
    `# Written by \`netverdict init\` from the workloads, Services and NetworkPolicies of namespace ${namespace}.`,
    "# Allowed is what the policies permit now, also if no client needs it. Edit what should be different.",
    ...(notes.length === 0 ? [] : ["#", "# Left out:", ...notes.map((note) => `# - ${note}`)]),
  ].join("\n");
  return `${head}\n${tests.map(documentOf).join("---\n")}`;
}

function documentOf({ name, namespace, source, expectations }: FirstTest): string {
  const document = new Document(
    {
      apiVersion: API_VERSION,
      kind: CONNECTIVITY_TEST.kind,
      metadata: { name, namespace },
      spec: {
        expectations: expectations.map((expectation) => ({
          name: expectation.name,
          from: { podSelector: source },
          to: { service: { name: expectation.service } },
          tcp: { port: expectation.port },
          expect: expectation.expect,
        })),
      },
    },
    // kubectl reads files by YAML 1.1, in which words such as `yes` are no texts.
    { version: "1.1", aliasDuplicateObjects: false },
  );
  const items = document.getIn(["spec", "expectations"]);
  if (isSeq(items))
    for (const [index, item] of items.items.entries())
      if (isMap(item)) item.commentBefore = ` ${expectations[index]?.reason ?? ""}`;
  return document.toString({ lineWidth: 0 });
}
