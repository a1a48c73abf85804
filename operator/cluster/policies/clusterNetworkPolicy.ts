import { z } from "zod";
import { metadataSchema } from "../../../crds/metadata.ts";
import type { Policy, PodMatch } from "./policy.ts";
import { selectorSchema } from "./selectorSchema.ts";

const podsSchema = z.object({
  namespaces: z.looseObject({}).optional(),
  pods: z.object({ podSelector: selectorSchema.prefault({}) }).optional(),
});
const sendersSchema = z.object({ from: z.array(podsSchema).default([]) });

const clusterPolicySchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    subject: podsSchema.prefault({}),
    ingress: z.array(sendersSchema).default([]),
    egress: z.array(z.looseObject({})).default([]),
  }),
});

/**
 * A policy of the group policy.networking.k8s.io (https://network-policy-api.sigs.k8s.io), whose kinds share these fields.
 * Its ingress rules compare the labels of pods and of namespaces, and no addresses.
 */
export function clusterNetworkPolicy(kind: string) {
  return clusterPolicySchema.transform(({ metadata, spec }): Policy => {
    const { name, uid, generation } = metadata;
    const peers = spec.ingress.flatMap(({ from }) => from);
    return {
      kind,
      metadata: { namespace: "", name, uid, generation },
      subject: podMatch(spec.subject),
      ...(spec.ingress.length > 0 && { ingress: { pods: peers.map(podMatch), blocks: [] } }),
      ...(spec.egress.length > 0 && { egress: { pods: [], blocks: [] } }),
    };
  });
}

/** Whole namespaces, or pods of namespaces by their labels. */
function podMatch({ pods }: z.infer<typeof podsSchema>): PodMatch {
  return { labels: { selector: pods?.podSelector ?? {} } };
}
