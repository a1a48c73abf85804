import { array, constantFrom, nat, oneof, record, uniqueArray, type Arbitrary } from "fast-check";
import { clusterNetworkPolicy } from "../../cluster/policies/clusterNetworkPolicy.ts";
import { enters, leaves, networkPolicies } from "./networkPolicies.ts";
import {
  inRange,
  metadataAt,
  NAMESPACES,
  ranges,
  selected,
  selectorOf,
  selectors,
  type Oracle,
  type PolicyEnd,
} from "./oracle.ts";

/*
 * The oracle of policy.networking.k8s.io (https://network-policy-api.sigs.k8s.io): the policies of the admin tier decide in
 * the order of their priorities, then NetworkPolicies, then those of the baseline tier.
 */

const namespaceSelectors = selectorOf(["team"]);
const subject = oneof(
  record({ namespaces: namespaceSelectors }),
  record({ pods: record({ namespaceSelector: namespaceSelectors, podSelector: selectors }) }),
);
type Pods = typeof subject extends Arbitrary<infer Value> ? Value : never;
const target = oneof(subject, record({ networks: uniqueArray(ranges, { minLength: 1, maxLength: 2 }) }));
const actions = constantFrom("Accept", "Deny", "Pass");

const clusterPolicies = array(
  record({
    kind: constantFrom("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"),
    tier: constantFrom("Admin", "Baseline"),
    priority: nat(9),
    subject,
    ingress: array(record({ action: actions, from: array(subject, { minLength: 1, maxLength: 2 }) }), {
      maxLength: 2,
    }),
    egress: array(record({ action: actions, to: array(target, { minLength: 1, maxLength: 2 }) }), {
      maxLength: 2,
    }),
  }),
  { minLength: 1, maxLength: 3 },
);
const drawn = record({ cluster: clusterPolicies, namespaced: networkPolicies.policies });
type Drawn = typeof drawn extends Arbitrary<infer Value> ? Value : never;
type ClusterPolicy = Drawn["cluster"][number];

function isOneOf(pods: Pods, { namespace, labels }: PolicyEnd): boolean {
  const own = NAMESPACES[namespace] ?? {};
  if ("namespaces" in pods) return selected(pods.namespaces, own);
  return selected(pods.pods.namespaceSelector, own) && selected(pods.pods.podSelector, labels);
}

const isTarget = (to: ClusterPolicy["egress"][number]["to"][number], end: PolicyEnd) =>
  "networks" in to ? to.networks.some((range) => inRange(end.address, range)) : isOneOf(to, end);

const tierOf = ({ kind, tier }: ClusterPolicy) =>
  kind === "ClusterNetworkPolicy" ? tier : kind === "AdminNetworkPolicy" ? "Admin" : "Baseline";

/** Whether a tier lets the traffic pass in one direction; undefined: it does not decide. */
function decision(
  { cluster }: Drawn,
  tier: string,
  matching: (policy: ClusterPolicy) => string | undefined,
): boolean | undefined {
  const ordered = cluster
    .filter((policy) => tierOf(policy) === tier)
    .toSorted((one, other) => one.priority - other.priority);
  const action = ordered.map(matching).find((one) => one !== undefined);
  return action === undefined || action === "Pass" ? undefined : action === "Accept";
}

function isSent(all: Drawn, from: PolicyEnd, to: PolicyEnd): boolean {
  const matching = (policy: ClusterPolicy) =>
    isOneOf(policy.subject, from)
      ? policy.egress.find((rule) => rule.to.some((one) => isTarget(one, to)))?.action
      : undefined;
  return (
    decision(all, "Admin", matching) ??
    leaves(all.namespaced, from, to) ??
    decision(all, "Baseline", matching) ??
    true
  );
}

function isReceived(all: Drawn, from: PolicyEnd, to: PolicyEnd): boolean {
  const matching = (policy: ClusterPolicy) =>
    isOneOf(policy.subject, to)
      ? policy.ingress.find((rule) => rule.from.some((one) => isOneOf(one, from)))?.action
      : undefined;
  return (
    decision(all, "Admin", matching) ??
    enters(all.namespaced, from, to) ??
    decision(all, "Baseline", matching) ??
    true
  );
}

export const clusterNetworkPolicies: Oracle<Drawn> = {
  policies: drawn,
  read: ({ cluster, namespaced }) => [
    ...cluster.map(({ kind, ...spec }, place) =>
      clusterNetworkPolicy(kind).parse({ metadata: metadataAt(place), spec }),
    ),
    ...networkPolicies.read(namespaced),
  ],
  passes: (all, from, to) => isSent(all, from, to) && isReceived(all, from, to),
};
