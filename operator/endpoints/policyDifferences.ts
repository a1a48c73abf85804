import type { Family } from "../../crds/vocabulary.ts";
import { isWithin } from "../cluster/ipRanges.ts";
import type { MatchedPod } from "../cluster/policies/matchedPod.ts";
import {
  labelsThatDiffer,
  maySelect,
  type AddressBlock,
  type PodMatch,
  type Policy,
  type SenderRules,
} from "../cluster/policies/policy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";

/** A pod as policies see it. */
export interface Sender extends MatchedPod {
  /** By family; a family whose address is not known yet is missing. */
  readonly addresses: ReadonlyMap<Family, string>;
}

/** A pod of a source, and the twin that sends instead of it. */
export interface SenderPair {
  readonly pod: Sender;
  readonly twin: Sender;
}

/** A policy that treats a pod and its twin differently, and what it selects them by. */
export interface PolicyDifference {
  readonly policy: Policy;
  readonly by: DistinguishingFeature;
}

/** The labels that the two do not share, or the family of their addresses. */
export type DistinguishingFeature = DifferentLabels | { readonly family: Family };

interface DifferentLabels {
  readonly labels: readonly string[];
  /** Whether the twin has none of them; otherwise it is the twin of another pod of the source, which has other values. */
  readonly isLost: boolean;
}

/** A policy for what these pods send that does not hold for one of them and its twin alike. */
export function egressDifferences(
  pairs: readonly SenderPair[],
  policies: Iterable<Policy>,
): PolicyDifference[] {
  return differencesIn(policies, (policy) => {
    const { subject, egress } = policy;
    if (egress === undefined) return undefined;
    return firstOf(pairs, (pair) => {
      const byLabels = differentLabels(subject, pair);
      return byLabels ?? (maySelect(subject, pair.pod) ? senderDifference(egress, pair) : undefined);
    });
  });
}

/** The ingress policies whose rules treat one of these pods and its twin differently, independent of the pods that they hold for. */
export function ingressDifferences(
  pairs: readonly SenderPair[],
  policies: Iterable<Policy>,
): PolicyDifference[] {
  return differencesIn(
    policies,
    ({ ingress }) => ingress && firstOf(pairs, (pair) => senderDifference(ingress, pair)),
  );
}

/**
 * The policies that can treat any of the pairs differently: those that select by a label which differs, and those that
 * compare addresses. Nearly always none.
 */
export function policiesToCompare(
  pairs: readonly SenderPair[],
  { policies, policiesByLabelKey, policiesByAddress }: Policies,
): readonly Policy[] {
  const keys = pairs.flatMap(({ pod, twin }) => differentKeys(pod.labels, twin.labels));
  const named = new Set([...new Set(keys)].flatMap((key) => [...(policiesByLabelKey.get(key) ?? [])]));
  const compared = named.union(policiesByAddress);
  return compared.size === 0 ? [] : [...policies.values()].flat().filter((policy) => compared.has(policy));
}

export type Policies = Pick<ClusterSnapshot, "policies" | "policiesByLabelKey" | "policiesByAddress">;

function differentKeys(one: MatchedPod["labels"], other: MatchedPod["labels"]): string[] {
  return Object.keys({ ...one, ...other }).filter((key) => one[key] !== other[key]);
}

function differencesIn(
  policies: Iterable<Policy>,
  featureOf: (policy: Policy) => DistinguishingFeature | undefined,
): PolicyDifference[] {
  return [...policies].flatMap((policy) => {
    const by = featureOf(policy);
    return by ? [{ policy, by }] : [];
  });
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function senderDifference(
  { pods, blocks }: SenderRules,
  pair: SenderPair,
): DistinguishingFeature | undefined {
  return (
    firstOf(pods, (match) => differentLabels(match, pair)) ??
    firstOf(blocks, (block) => familyThatDiffers(block, pair))
  );
}

function differentLabels(match: PodMatch, { pod, twin }: SenderPair): DifferentLabels | undefined {
  const labels = labelsThatDiffer(match, pod, twin);
  if (labels.length === 0) return undefined;
  return { labels, isLost: labels.every((key) => !Object.hasOwn(twin.labels, key)) };
}

/** A twin whose address is not known yet is compared later. */
function familyThatDiffers(
  block: AddressBlock,
  { pod, twin }: SenderPair,
): DistinguishingFeature | undefined {
  const family = [...twin.addresses].find(([one, address]) => {
    const own = pod.addresses.get(one);
    return own !== undefined && own !== address && differsIn(block, own, address);
  })?.[0];
  return family && { family };
}

const differsIn = (block: AddressBlock, one: string, other: string) =>
  block.cidr === undefined || blockHolds(block.cidr, block, one) !== blockHolds(block.cidr, block, other);

const blockHolds = (cidr: string, { except }: AddressBlock, address: string) =>
  isWithin(address, [cidr]) && !isWithin(address, except);
