import ipaddr from "ipaddr.js";
import type { Metadata } from "../../../crds/metadata.ts";
import { selects, type LabelSelector } from "../../../crds/selector.ts";
import { keysOf, type CalicoExpression } from "./calicoExpression.ts";
import { calicoOutcome } from "./calicoSelector.ts";
import { labelOf, type MatchedPod } from "./matchedPod.ts";

/** Pods by their labels. */
export type LabelMatch = { readonly selector: LabelSelector } | { readonly expression: CalicoExpression };

/** Pods of one namespace, or, where it is undefined, of any. Of the labels of namespaces only their names are evaluated. */
export interface PodMatch {
  readonly namespace?: string;
  readonly labels: LabelMatch;
}

/** Addresses; where `cidr` is undefined, addresses that are not known. */
export interface AddressBlock {
  readonly cidr?: string;
  readonly except: readonly string[];
}

/** With what the rules of one direction compare the pod that sends. */
export interface SenderRules {
  readonly pods: readonly PodMatch[];
  readonly blocks: readonly AddressBlock[];
}

/**
 * A policy of any kind, as far as it decides whether two pods of one namespace and service account are treated alike.
 * A direction that the policy does not limit is undefined.
 */
export interface Policy {
  readonly kind: string;
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid" | "generation">;
  /** The pods that it holds for. */
  readonly subject: PodMatch;
  /** Whether it may hold for any node as well, and so for the pods that share the network of their node. */
  readonly mayHoldForNodes?: boolean;
  readonly ingress?: SenderRules;
  readonly egress?: SenderRules;
}

/** The part of its metadata by which a policy and its version are identified. */
export function policyIdentity({ namespace, name, uid, generation }: Metadata): Policy["metadata"] {
  return { namespace, name, uid, generation };
}

/** Whether the match can select the pod. */
export function maySelect({ namespace, labels }: PodMatch, pod: MatchedPod): boolean {
  if (namespace !== undefined && namespace !== pod.namespace) return false;
  return outcomeFor(labels, pod) !== false;
}

/** Equal for two pods of one namespace and service account if the match selects both or neither; see `calicoOutcome`. */
function outcomeFor(match: LabelMatch, pod: MatchedPod): boolean | string {
  return "selector" in match ? selects(match.selector, pod.labels) : calicoOutcome(match.expression, pod);
}

/** The keys of the labels by which a match can select pods. */
export function labelKeysOf(match: LabelMatch): string[] {
  if (!("selector" in match)) return [...new Set(keysOf(match.expression))];
  const { matchLabels = {}, matchExpressions = [] } = match.selector;
  return [...new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)])];
}

/** Every match of a policy. */
export function matchesOf({ subject, ingress, egress }: Policy): PodMatch[] {
  return [subject, ...(ingress?.pods ?? []), ...(egress?.pods ?? [])];
}

/** The labels by which a match can select only one of two pods of one namespace; none if it selects both or neither. */
export function labelsThatDiffer(match: PodMatch, one: MatchedPod, other: MatchedPod): string[] {
  if (!canDistinguish(match, [one, other])) return [];
  return labelKeysOf(match.labels).filter((key) => labelOf(one, key) !== labelOf(other, key));
}

/** Whether the match can select some of these pods of one namespace and not all. */
export function canDistinguish({ namespace, labels }: PodMatch, pods: readonly MatchedPod[]): boolean {
  const compared = pods.filter((pod) => namespace === undefined || namespace === pod.namespace);
  return new Set(compared.map((pod) => outcomeFor(labels, pod))).size > 1;
}

/**
 * A block as the author of a policy wrote it: an address counts as the range of that address alone. A text that is
 * neither represents addresses that are not known.
 */
export function addressBlock(cidr: string, except: readonly string[] = []): AddressBlock {
  const [range, ...exceptions] = [cidr, ...except].map(rangeOf);
  if (range === undefined || exceptions.includes(undefined)) return { except: [] };
  return { cidr: range, except: exceptions.filter((one) => one !== undefined) };
}

function rangeOf(text: string): string | undefined {
  if (ipaddr.isValidCIDR(text)) return text;
  return ipaddr.isValid(text) ? `${text}/${ipaddr.parse(text).kind() === "ipv4" ? 32 : 128}` : undefined;
}
