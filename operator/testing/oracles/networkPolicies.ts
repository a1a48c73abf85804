import { array, constant, constantFrom, oneof, record, type Arbitrary } from "fast-check";
import { networkPolicySchema } from "../../cluster/policies/networkPolicy.ts";
import {
  everyPod,
  inRange,
  maybe,
  metadataAt,
  namespaceNames,
  ranges,
  selected,
  selectors,
  type Oracle,
  type PolicyEnd,
  type Selector,
} from "./oracle.ts";

/* The oracle of NetworkPolicies: https://kubernetes.io/docs/concepts/services-networking/network-policies/ */

interface PodPeer {
  readonly podSelector?: Selector | undefined;
  readonly namespaceSelector?: object | undefined;
}

const podPeer = record({
  podSelector: maybe(selectors),
  namespaceSelector: constantFrom(undefined, {}),
}).map((peer): PodPeer => ((peer.podSelector ?? peer.namespaceSelector) ? peer : { podSelector: everyPod }));
const addressPeer = record({
  ipBlock: record({ cidr: ranges, except: array(ranges, { maxLength: 1 }) }),
});

const policiesOf = <Each>(peer: Arbitrary<Each>) =>
  array(
    record({
      namespace: namespaceNames,
      podSelector: oneof(constant(everyPod), selectors),
      policyTypes: constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]).map(
        (types): readonly string[] => types,
      ),
      ingress: array(record({ from: array(peer, { maxLength: 2 }) }), { maxLength: 2 }),
      egress: array(record({ to: array(peer, { maxLength: 2 }) }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
const policies = policiesOf(oneof(podPeer, addressPeer));
type Policies = typeof policies extends Arbitrary<infer Value> ? Value : never;
type Peer = Policies[number]["ingress"][number]["from"][number];

function isPeer(peer: Peer, other: PolicyEnd, namespace: string): boolean {
  if ("ipBlock" in peer) {
    const { cidr, except } = peer.ipBlock;
    return inRange(other.address, cidr) && !except.some((range) => inRange(other.address, range));
  }
  if (!peer.namespaceSelector && other.namespace !== namespace) return false;
  return peer.podSelector === undefined || selected(peer.podSelector, other.labels);
}

const isAmong = (peers: readonly Peer[], end: PolicyEnd, namespace: string) =>
  peers.length === 0 || peers.some((peer) => isPeer(peer, end, namespace));

/** The policies that hold for what a pod sends or receives. */
const guards = (all: Policies, end: PolicyEnd, direction: string) =>
  all.filter(
    ({ namespace, podSelector, policyTypes }) =>
      namespace === end.namespace && policyTypes.includes(direction) && selected(podSelector, end.labels),
  );

/** Whether the policies let a pod send; undefined: none holds for it. */
export function leaves(all: Policies, from: PolicyEnd, to: PolicyEnd): boolean | undefined {
  const out = guards(all, from, "Egress");
  if (out.length === 0) return undefined;
  return out.some(({ egress, namespace }) => egress.some((rule) => isAmong(rule.to, to, namespace)));
}

/** Whether the policies let a pod receive; undefined: none holds for it. */
export function enters(all: Policies, from: PolicyEnd, to: PolicyEnd): boolean | undefined {
  const into = guards(all, to, "Ingress");
  if (into.length === 0) return undefined;
  return into.some(({ ingress, namespace }) => ingress.some((rule) => isAmong(rule.from, from, namespace)));
}

export const networkPolicies: Oracle<Policies> = {
  policies,
  read: (all) =>
    all.map(({ namespace, ...spec }, place) =>
      networkPolicySchema.parse({ metadata: metadataAt(place, namespace), spec }),
    ),
  passes: (all, from, to) => (leaves(all, from, to) ?? true) && (enters(all, from, to) ?? true),
};

/** Without addresses. */
export const networkPoliciesByLabel: Oracle<Policies> = { ...networkPolicies, policies: policiesOf(podPeer) };
