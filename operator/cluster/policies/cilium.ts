import { z } from "zod";
import { metadataSchema } from "../../../crds/metadata.ts";
import type { LabelSelector } from "../../../crds/selector.ts";
import { addressBlock, policyIdentity, type Policy, type PodMatch, type SenderRules } from "./policy.ts";
import { selectorSchema } from "./selectorSchema.ts";

const ingressSchema = z.object({
  fromEndpoints: z.array(selectorSchema).default([]),
  fromRequires: z.array(selectorSchema).default([]),
  fromCIDR: z.array(z.string()).default([]),
  fromCIDRSet: z
    .array(z.object({ cidr: z.string().optional(), except: z.array(z.string()).default([]) }))
    .default([]),
});
type Ingress = z.infer<typeof ingressSchema>;

const ciliumRuleSchema = z.object({
  endpointSelector: selectorSchema.optional(),
  ingress: z.array(ingressSchema).default([]),
  ingressDeny: z.array(ingressSchema).default([]),
});
type CiliumSpec = z.infer<typeof ciliumRuleSchema>;

const ciliumPolicySchema = z.object({
  metadata: metadataSchema,
  spec: ciliumRuleSchema.optional(),
  specs: z.array(ciliumRuleSchema).default([]),
});

/**
 * The rules of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy, each a policy of its own
 * (https://docs.cilium.io/en/stable/security/policy/). Rules for nodes hold for no pod. Whether a rule has an egress part
 * is not read: it counts as one that has.
 */
export function ciliumPolicy(kind: string) {
  return ciliumPolicySchema.transform(({ metadata, spec, specs }): Policy[] =>
    [...(spec ? [spec] : []), ...specs].flatMap((rule) => policyOf({ kind, metadata, rule })),
  );
}

interface CiliumRule extends Pick<z.infer<typeof ciliumPolicySchema>, "metadata"> {
  readonly kind: string;
  readonly rule: CiliumSpec;
}

function policyOf({ kind, metadata, rule }: CiliumRule): Policy[] {
  if (rule.endpointSelector === undefined) return [];
  const { namespace } = metadata;
  return [
    {
      kind,
      metadata: policyIdentity(metadata),
      subject: { ...(namespace !== "" && { namespace }), ...endpointMatch(rule.endpointSelector) },
      ingress: ciliumSenders([...rule.ingress, ...rule.ingressDeny]),
      egress: { pods: [], blocks: [] },
    },
  ];
}

/** A group of addresses (`cidrGroupRef`) is left out: Cilium compares no pod of its own with addresses. */
function ciliumSenders(rules: readonly Ingress[]): SenderRules {
  return {
    pods: rules.flatMap(({ fromEndpoints, fromRequires }) =>
      [...fromEndpoints, ...fromRequires].map(endpointMatch),
    ),
    blocks: rules.flatMap(({ fromCIDR, fromCIDRSet }) => [
      ...fromCIDR.map((cidr) => addressBlock(cidr)),
      ...fromCIDRSet.flatMap(({ cidr, except }) => (cidr === undefined ? [] : [addressBlock(cidr, except)])),
    ]),
  };
}

/** Cilium's own labels of namespace and service account, which source and twin share. */
const SHARED = /^(io\.kubernetes\.pod\.namespace$|io\.cilium\.k8s\.)/;

/**
 * A key may begin with its source and a colon: `k8s:app` (https://docs.cilium.io/en/stable/gettingstarted/terminology/#labels).
 * `k8s.example.com/app` is the key of a label.
 */
function endpointMatch({ matchLabels = {}, matchExpressions = [] }: LabelSelector): PodMatch {
  const plain = (key: string) => key.replace(/^(k8s|any):/, "");
  return {
    labels: {
      selector: {
        matchLabels: Object.fromEntries(
          Object.entries(matchLabels)
            .map(([key, value]) => [plain(key), value] as const)
            .filter(([key]) => !SHARED.test(key)),
        ),
        matchExpressions: matchExpressions
          .map((one) => ({ ...one, key: plain(one.key) }))
          .filter(({ key }) => !SHARED.test(key)),
      },
    },
  };
}
