import { z } from "zod";
import { metadataSchema } from "../../../crds/metadata.ts";
import { addressBlock, policyIdentity, type Policy, type SenderRules } from "./policy.ts";
import { selectorSchema } from "./selectorSchema.ts";

const peerSchema = z.object({
  podSelector: selectorSchema.optional(),
  namespaceSelector: selectorSchema.optional(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
});

const rawPolicySchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    podSelector: selectorSchema.prefault({}),
    policyTypes: z.array(z.string()).default([]),
    ingress: z.array(z.object({ from: z.array(peerSchema).default([]) })).default([]),
  }),
});
type RawPolicy = z.infer<typeof rawPolicySchema>;

/**
 * A NetworkPolicy (https://kubernetes.io/docs/concepts/services-networking/network-policies/). The API server has
 * defaulted `policyTypes`. The peers of egress rules are targets, which a source and its twin share.
 */
export const networkPolicySchema = rawPolicySchema.transform(({ metadata, spec }): Policy => {
  const { namespace } = metadata;
  return {
    kind: "NetworkPolicy",
    metadata: policyIdentity(metadata),
    subject: { namespace, labels: { selector: spec.podSelector } },
    ...(spec.policyTypes.includes("Ingress") && { ingress: peerSenders({ metadata, spec }) }),
    ...(spec.policyTypes.includes("Egress") && { egress: { pods: [], blocks: [] } }),
  };
});

function peerSenders({ metadata: { namespace }, spec }: RawPolicy): SenderRules {
  const peers = spec.ingress.flatMap(({ from }) => from);
  return {
    pods: peers.flatMap(({ podSelector, namespaceSelector }) =>
      podSelector === undefined
        ? []
        : [{ ...(namespaceSelector === undefined && { namespace }), labels: { selector: podSelector } }],
    ),
    blocks: peers.flatMap(({ ipBlock }) => (ipBlock ? [addressBlock(ipBlock.cidr, ipBlock.except)] : [])),
  };
}
