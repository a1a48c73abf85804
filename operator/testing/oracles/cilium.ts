import { array, constant, constantFrom, oneof, record, type Arbitrary } from "fast-check";
import { ciliumPolicy } from "../../cluster/policies/cilium.ts";
import {
  everyPod,
  KEYS,
  maybe,
  metadataAt,
  NAMESPACES,
  ranges,
  selected,
  selectorOf,
  type Labels,
  type Oracle,
  type PolicyEnd,
  type Selector,
} from "./oracle.ts";

/*
 * The oracle of Cilium's own kinds (https://docs.cilium.io/en/stable/security/policy/): what is denied is denied, and what no
 * rule allows is denied where a rule holds for the pod. An address never selects a pod.
 */

const NAMESPACE = "io.kubernetes.pod.namespace";
/** With and without the source of the label. */
const SOURCED_KEYS = [...KEYS, ...KEYS.map((key) => `k8s:${key}`), "any:app"];

const selectors = selectorOf([...SOURCED_KEYS, "container:app", "k8s:io.cilium.k8s.namespace.labels.team"]);
const inNamespace = record({ selector: selectors, namespace: constantFrom(undefined, "shop", "data") }).map(
  ({ selector, namespace }): Selector =>
    namespace === undefined
      ? selector
      : { ...selector, matchLabels: { ...selector.matchLabels, [`k8s:${NAMESPACE}`]: namespace } },
);
const pods = maybe(array(inNamespace, { minLength: 1, maxLength: 2 }), 80);
const entities = maybe(
  array(constantFrom("all", "cluster", "world", "host"), { minLength: 1, maxLength: 1 }),
  30,
);
const addresses = maybe(array(ranges, { minLength: 1, maxLength: 1 }), 30);

const from = record({
  fromEndpoints: pods,
  fromEntities: entities,
  fromCIDR: addresses,
  fromCIDRSet: addresses.map((list) => list?.map((cidr) => ({ cidr }))),
});
const to = record({ toEndpoints: pods, toEntities: entities, toCIDR: addresses });
const some = <Value>(arbitrary: Arbitrary<Value>) =>
  maybe(array(arbitrary, { minLength: 1, maxLength: 2 }), 60);
const rules = record({
  endpointSelector: oneof(
    { weight: 2, arbitrary: constant(everyPod) },
    { weight: 1, arbitrary: selectorOf(SOURCED_KEYS) },
  ),
  enableDefaultDeny: constantFrom(undefined, undefined, undefined, { ingress: false, egress: false }),
  ingress: some(from),
  ingressDeny: some(from),
  egress: some(to),
  egressDeny: some(to),
});
const policies = array(
  record({
    namespace: constantFrom("", "", "shop", "data"),
    first: rules,
    others: array(rules, { maxLength: 1 }),
  }),
  { minLength: 1, maxLength: 3 },
);
type Policies = typeof policies extends Arbitrary<infer Value> ? Value : never;
interface Rules extends Omit<Policies[number], "first" | "others"> {
  readonly rules: Policies[number]["first"];
}
interface Peers {
  readonly endpoints: readonly Selector[] | undefined;
  readonly entities: readonly string[] | undefined;
}

/** The labels of a pod's identity, each by its key with and without its source. */
function identityOf({ namespace, labels }: PolicyEnd): Labels {
  const own = Object.entries(labels);
  const ofNamespace = Object.entries(NAMESPACES[namespace] ?? {}).map(
    ([key, value]) => [`io.cilium.k8s.namespace.labels.${key}`, value] as const,
  );
  const all = [...own, ...ofNamespace, [NAMESPACE, namespace] as const];
  return Object.fromEntries(
    all.flatMap(([key, value]) => ["", "k8s:", "any:"].map((source) => [`${source}${key}`, value])),
  );
}

function isEndpoint(selector: Selector, end: PolicyEnd, namespace: string): boolean {
  const keys = [...Object.keys(selector.matchLabels), ...selector.matchExpressions.map(({ key }) => key)];
  const namesNamespace = keys.some(
    (key) => key === `k8s:${NAMESPACE}` || key.startsWith("k8s:io.cilium.k8s.namespace.labels."),
  );
  const isThere = namespace === "" || namesNamespace || end.namespace === namespace;
  return isThere && selected(selector, identityOf(end));
}

const isPeer = ({ endpoints = [], entities: named = [] }: Peers, end: PolicyEnd, namespace: string) =>
  endpoints.some((selector) => isEndpoint(selector, end, namespace)) ||
  named.some((entity) => entity === "all" || entity === "cluster");

interface Decision {
  readonly inForce: readonly Rules[];
  readonly peers: (rules: Rules["rules"], kind: "allow" | "deny") => readonly Peers[] | undefined;
  readonly isDefaultDeny: (rules: Rules["rules"]) => boolean;
  readonly other: PolicyEnd;
}

function isLetThrough({ inForce, peers, isDefaultDeny, other }: Decision): boolean {
  const matches = (kind: "allow" | "deny") =>
    inForce.some(({ rules: one, namespace }) =>
      (peers(one, kind) ?? []).some((each) => isPeer(each, other, namespace)),
    );
  if (matches("deny")) return false;
  return matches("allow") || !inForce.some(({ rules: one }) => isDefaultDeny(one));
}

const holdingFor = (all: Policies, end: PolicyEnd): Rules[] =>
  all
    .flatMap(({ namespace, first, others }) => [first, ...others].map((one) => ({ namespace, rules: one })))
    .filter(
      ({ namespace, rules: { endpointSelector } }) =>
        (namespace === "" || namespace === end.namespace) && selected(endpointSelector, identityOf(end)),
    );

export const cilium: Oracle<Policies> = {
  policies,
  read: (all) =>
    all.flatMap(({ namespace, first, others }, place) =>
      ciliumPolicy(namespace === "" ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy").parse({
        metadata: metadataAt(place, namespace),
        ...(others.length === 0 ? { spec: first } : { specs: [first, ...others] }),
      }),
    ),
  passes: (all, sender, receiver) =>
    isLetThrough({
      inForce: holdingFor(all, sender),
      other: receiver,
      peers: ({ egress, egressDeny }, kind) =>
        (kind === "allow" ? egress : egressDeny)?.map(({ toEndpoints, toEntities }) => ({
          endpoints: toEndpoints,
          entities: toEntities,
        })),
      isDefaultDeny: ({ egress, egressDeny, enableDefaultDeny }) =>
        enableDefaultDeny?.egress ?? (egress ?? egressDeny) !== undefined,
    }) &&
    isLetThrough({
      inForce: holdingFor(all, receiver),
      other: sender,
      peers: ({ ingress, ingressDeny }, kind) =>
        (kind === "allow" ? ingress : ingressDeny)?.map(({ fromEndpoints, fromEntities }) => ({
          endpoints: fromEndpoints,
          entities: fromEntities,
        })),
      isDefaultDeny: ({ ingress, ingressDeny, enableDefaultDeny }) =>
        enableDefaultDeny?.ingress ?? (ingress ?? ingressDeny) !== undefined,
    }),
};
