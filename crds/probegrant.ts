import { z } from "zod";
import { metadataOf, metadataSchema } from "./metadata.ts";
import { labelSelectorSchema } from "./selector.ts";
import { nameSchema } from "./target.ts";

const grantedPodsSchema = (what: string) =>
  z
    .object({
      podSelector: labelSelectorSchema.describe("Pods of this namespace. An empty selector means all pods."),
    })
    .optional()
    .describe(what);

export const probeGrantSchema = z.object({
  metadata: metadataSchema,
  spec: z
    .object({
      to: z
        .array(
          z.object({ namespace: nameSchema.describe("The namespace's name.") }).describe("One namespace."),
        )
        .min(1)
        .max(64)
        .refine((all) => new Set(all.map(({ namespace }) => namespace)).size === all.length, {
          message: "namespaces must be different",
        })
        .meta({
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["namespace"],
          description: "The namespaces whose ConnectivityTests may use the granted pods; 1 to 64 of them.",
        }),
      sources: grantedPodsSchema(
        "Pods that those tests may use as sources: the operator creates probe pods with their labels and service account in this namespace. If omitted: none.",
      ),
      targets: grantedPodsSchema(
        "Pods that those tests may select as targets by labels; the tests learn their names. If omitted: none.",
      ),
    })
    .describe("The namespaces that may use pods of this namespace, and the pods."),
});
/** A ProbeGrant as read from the API server. */
export type ProbeGrant = z.infer<typeof probeGrantSchema>;

/** A ProbeGrant whose spec this version of the operator cannot read: it is there, and grants nothing. */
export function unreadableGrant(raw: unknown): ProbeGrant {
  return { metadata: metadataOf(raw), spec: { to: [] } };
}
