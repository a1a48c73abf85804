import { z } from "zod";
import { metadataSchema } from "../../crds/metadata.ts";
import type { LabelSelector } from "../../crds/selector.ts";

/** A selector of an object of another owner, which has no limits except those of the API server. */
const selectorSchema = z.object({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const peerSchema = z.object({
  podSelector: selectorSchema.optional(),
  namespaceSelector: selectorSchema.optional(),
});
export type PolicyPeer = z.infer<typeof peerSchema>;

/**
 * A NetworkPolicy (https://kubernetes.io/docs/concepts/services-networking/network-policies/), with the fields that
 * decide which pods it selects. The API server has defaulted `policyTypes`.
 */
export const networkPolicySchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    podSelector: selectorSchema.prefault({}),
    policyTypes: z.array(z.string()).default([]),
    ingress: z.array(z.object({ from: z.array(peerSchema).default([]) })).default([]),
  }),
});
export type NetworkPolicy = z.infer<typeof networkPolicySchema>;

/** The keys of the labels that a selector asks about. */
export function labelKeysOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] {
  return [...new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)])];
}
