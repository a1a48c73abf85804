import { z } from "zod";
import { metadataSchema } from "../../../crds/metadata.ts";
import { keysOf, type CalicoExpression } from "./calicoExpression.ts";
import { calicoSelector } from "./calicoSelector.ts";
import { addressBlock, policyIdentity, type AddressBlock, type Policy, type SenderRules } from "./policy.ts";

const expression = z.string().optional();
const flag = z.boolean().default(false);
const textList = z.array(z.string()).default([]);

const calicoRuleSchema = z.object({
  source: z
    .object({
      selector: expression,
      notSelector: expression,
      namespaceSelector: expression,
      serviceAccounts: z.object({ selector: expression }).optional(),
      nets: textList,
      notNets: textList,
      services: z.looseObject({}).optional(),
    })
    .prefault({}),
});
type CalicoRule = z.infer<typeof calicoRuleSchema>;

const calicoPolicySchema = z.object({
  metadata: metadataSchema,
  spec: z
    .object({
      selector: expression,
      namespaceSelector: expression,
      serviceAccountSelector: expression,
      applyOnForward: flag,
      preDNAT: flag,
      doNotTrack: flag,
      types: textList,
      ingress: z.array(calicoRuleSchema).optional(),
      egress: z.array(calicoRuleSchema).optional(),
    })
    .prefault({}),
});

type CalicoSpec = z.infer<typeof calicoPolicySchema>["spec"];

/**
 * A NetworkPolicy or GlobalNetworkPolicy of Calico (https://docs.tigera.io/calico/latest/reference/resources/networkpolicy).
 * Its rules compare the sender in both directions. The names of service accounts are not read, since source and twin share
 * theirs. A GlobalNetworkPolicy may hold for host endpoints, whose labels are not read.
 */
export function calicoPolicy(kind: string) {
  return calicoPolicySchema.transform(({ metadata, spec }): Policy => {
    const { namespace } = metadata;
    const { ingress, egress } = spec;
    // Calico's API server and calicoctl write the types. A policy that was written without them holds for both directions
    // (felix/calc/policy_sorter.go in https://github.com/projectcalico/calico).
    const types = spec.types.length > 0 ? spec.types : ["Ingress", "Egress"];
    return {
      kind: `Calico ${kind}`,
      metadata: policyIdentity(metadata),
      subject: {
        ...(namespace !== "" && { namespace }),
        labels: { expression: subjectExpression(spec) },
      },
      ...(namespace === "" && { mayHoldForNodes: true }),
      ...(types.includes("Ingress") && { ingress: calicoSenders(namespace, ingress) }),
      ...(types.includes("Egress") && { egress: calicoSenders(namespace, egress) }),
    };
  });
}

/**
 * With one of these settings a policy for a node also holds for what the node forwards, and so on the way to any pod
 * (https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy#spec).
 */
function subjectExpression(spec: CalicoSpec): CalicoExpression {
  const { selector, namespaceSelector, serviceAccountSelector, applyOnForward, preDNAT, doNotTrack } = spec;
  const expressionOfPods = calicoSelector({ selector, namespaceSelector, serviceAccountSelector });
  return applyOnForward || preDNAT || doNotTrack
    ? { unparsed: selector ?? "", keys: keysOf(expressionOfPods) }
    : expressionOfPods;
}

/**
 * `selector` and `notSelector` count one by one, because `selector` can also select the sender as part of a network set.
 * A rule of a policy with a namespace selects pods of that namespace, except where it selects namespaces.
 */
function calicoSenders(namespace: string, rules: readonly CalicoRule[] = []): SenderRules {
  return {
    pods: rules.flatMap(({ source: { selector, notSelector, namespaceSelector, serviceAccounts } }) =>
      [selector ?? "", ...(notSelector === undefined ? [] : [notSelector])].map((one) => ({
        ...(namespace !== "" && (namespaceSelector ?? "") === "" && { namespace }),
        labels: {
          expression: calicoSelector({
            selector: one,
            namespaceSelector,
            serviceAccountSelector: serviceAccounts?.selector,
          }),
        },
      })),
    ),
    blocks: rules.flatMap(({ source }) => [
      ...[...source.nets, ...source.notNets].map((net) => addressBlock(net)),
      ...(source.services ? [ADDRESSES_OF_A_SERVICE] : []),
    ]),
  };
}

/** They are not read. A source can be an endpoint of the Service, and its twin cannot: it is never ready. */
const ADDRESSES_OF_A_SERVICE: AddressBlock = { except: [] };

const rawSetSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ nets: textList }).prefault({}),
});

/**
 * A set of addresses that Calico's policies select by its labels. Which of them do is not evaluated: each set counts as a
 * policy for all pods.
 */
export function calicoNetworkSet(kind: string) {
  return rawSetSchema.transform(({ metadata, spec }): Policy => {
    const rules = { pods: [], blocks: spec.nets.map((net) => addressBlock(net)) };
    return {
      kind: `Calico ${kind}`,
      metadata: policyIdentity(metadata),
      subject: { labels: { selector: {} } },
      ingress: rules,
      egress: rules,
    };
  });
}
