import { createHash } from "node:crypto";
import { sourceSelectorSchema, type SourceSelector } from "../../crds/proberun/plannedpath.ts";
import { isLeftOut } from "../../probes/pod/leftOutLabels.ts";
import type { SelectedPod } from "../cluster/podSelection.ts";
import { canDistinguish, type PodMatch, type Policy } from "../cluster/policies/policy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import { isMet, metBy, requirementsOf, selectorOf, type Requirement } from "./labelRequirements.ts";
import { selectorText } from "./selectorText.ts";

/** Pods of one workload that all policies treat alike, as far as their selectors can be evaluated. */
export interface SourceGroup {
  /** Selects these pods, and no others of the workload. Undefined: all pods of the workload. */
  readonly selector?: SourceSelector;
  readonly pods: readonly SelectedPod[];
}

/**
 * Groups the pods of one workload by the labels with which policies in force distinguish them as senders. Only labels that a
 * twin takes over count: pods that differ in another label stay together, and have no twin if a policy selects by it.
 * The groups do not depend on the order of pods and policies.
 */
export function groupByPolicies(
  pods: readonly SelectedPod[],
  snapshot: Pick<ClusterSnapshot, "policiesByLabelKey">,
): SourceGroup[] {
  const requirements = distinguishingRequirements(pods, snapshot);
  if (requirements.length === 0) return [{ pods }];
  const groups = [
    ...Map.groupBy(pods, ({ pod }) => {
      const met = requirements.map((one) => metBy(pod.metadata.labels, one));
      return JSON.stringify(selectorOf(met));
    }),
  ].map(([selector, selected]) => ({
    selector: sourceSelectorSchema.safeParse(JSON.parse(selector)),
    pods: selected,
  }));
  // A selector that is too long for a ProbeRun: the pods stay together, and their twin is compared with each of them.
  const split = groups.flatMap(({ selector, ...group }) =>
    selector.success ? [{ ...group, selector: selector.data }] : [],
  );
  return split.length === groups.length ? split : [{ pods }];
}

/** What policies require of labels that twins have, and what some of the pods meet and others do not. */
function distinguishingRequirements(
  pods: readonly SelectedPod[],
  { policiesByLabelKey }: Pick<ClusterSnapshot, "policiesByLabelKey">,
): Requirement[] {
  const keys = keysThatDiffer(pods);
  const compared = pods.map(({ pod }) => pod.metadata);
  const policies = new Set([...keys].flatMap((key) => [...(policiesByLabelKey.get(key) ?? [])]));
  return [...policies]
    .flatMap(senderMatches)
    .flatMap((match) => (canDistinguish(match, compared) ? requirementsOf(match.labels, compared) : []))
    .filter((one) => keys.has(one.key) && new Set(compared.map(({ labels }) => isMet(one, labels))).size > 1);
}

/** The keys of labels that a twin takes over, and in which the pods differ. */
function keysThatDiffer(pods: readonly SelectedPod[]): ReadonlySet<string> {
  const [first, ...others] = pods.map(({ pod }) => new Map(Object.entries(pod.metadata.labels)));
  const different = new Set<string>();
  if (first === undefined) return different;
  for (const other of others) {
    for (const [key, value] of other) if (first.get(key) !== value) different.add(key);
    for (const key of first.keys()) if (!other.has(key)) different.add(key);
  }
  return new Set([...different].filter((key) => !isLeftOut(key)));
}

/** With what a policy decides what a pod may send, and whose traffic a target accepts. */
function senderMatches({ subject, ingress, egress }: Policy): PodMatch[] {
  return [...(egress ? [subject, ...egress.pods] : []), ...(ingress?.pods ?? [])];
}

/** The limit of `from` in a ProbeRun and in a status. */
const LONGEST_NAME = 320;
const LONGEST_SELECTOR = 120;

/** Formats the name of a source: the workload, with the selector of its pods if the workload has other sources as well. */
export function sourceName(workload: string, selector: SourceSelector | undefined): string {
  if (selector === undefined) return workload;
  const text = selectorText(selector);
  const room = Math.min(LONGEST_SELECTOR, LONGEST_NAME - workload.length - " ()".length);
  if (text.length <= room) return `${workload} (${text})`;
  const digest = `…${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  return `${workload} (${text.slice(0, Math.max(0, room - digest.length))}${digest})`;
}
