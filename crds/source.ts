import { z } from "zod";
import { labelSelectorSchema, type LabelSelector } from "./selector.ts";
import { nameSchema, nodeNameSchema } from "./target.ts";
import { exactlyOne, withRules } from "./validationRules.ts";

/** The sources of an expectation of a ConnectivityTest. */
export const sourceSchema = z.object({
  podSelector: labelSelectorSchema.describe(
    "Pods of the test's own namespace, or of `namespace`. Each workload that they belong to is one source. An empty selector selects all pods.",
  ),
  namespace: nameSchema
    .optional()
    .describe(
      "Another namespace, which must have a ProbeGrant for the test's namespace. If omitted: the test's own.",
    ),
});

/** The sources of an expectation of a ClusterConnectivityTest. */
export const clusterSourceSchema = withRules(
  z.object({
    podSelector: labelSelectorSchema
      .optional()
      .describe(
        "Pods with these labels. Each workload that they belong to is one source. If omitted or empty: all pods.",
      ),
    namespaceSelector: labelSelectorSchema
      .optional()
      .describe("The namespaces of the pods, by their labels. An empty selector selects all namespaces."),
    node: nodeNameSchema
      .optional()
      .describe(
        "The name of a node that is itself the source: the probe pod runs on its host network, in the namespace netverdict-witness.",
      ),
  }),
  [
    exactlyOne(["namespaceSelector", "node"]),
    {
      cel: "!has(self.node) || !has(self.podSelector)",
      message: "podSelector needs namespaceSelector: a node is a source by its name alone",
      holds: ({ node, podSelector }) => node === undefined || podSelector === undefined,
    },
  ],
);

/** The sources of an expectation of either kind of test. */
export interface ExpectationSource {
  readonly podSelector?: LabelSelector | undefined;
  readonly namespace?: string | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly node?: string | undefined;
}
