import { selects, type LabelSelector } from "../../crds/selector.ts";
import { twinOf } from "../../probes/pod/twin.ts";
import { labelKeysOf, type NetworkPolicy, type PolicyPeer } from "../cluster/networkPolicy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";

type Labels = Readonly<Record<string, string>>;

/** The labels of a pod, and those of its twin. */
interface LabelPair {
  readonly pod: Labels;
  readonly twin: Labels;
}

/** The pods of a source and their twins. */
interface LabelPairs {
  readonly namespace: string;
  readonly pairs: readonly LabelPair[];
  /** The labels that a pod has and its twin does not: a selector without these labels selects both or neither. */
  readonly lost: ReadonlySet<string>;
}

/** A policy that selects only one of a pod and its twin, and the labels that cause it. */
export interface PolicyDifference {
  readonly policy: NetworkPolicy;
  readonly labels: readonly string[];
}

/** A policy for what these pods send that does not hold for one of them and its twin alike. */
export function egressDifference(
  pods: readonly WorkloadPod[],
  snapshot: Policies,
): PolicyDifference | undefined {
  const labelPairs = labelPairsOf(pods);
  return policiesAbout(labelPairs, snapshot)
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === labelPairs.namespace && spec.policyTypes.includes("Egress"),
    )
    .flatMap((policy) => differenceOf(policy, [policy.spec.podSelector], labelPairs) ?? [])[0];
}

/**
 * Returns the ingress policies whose peers select only one of a pod and its twin. The labels of namespaces are not
 * evaluated: a peer with a namespaceSelector is assumed to select theirs.
 */
export function ingressDifferences(pods: readonly WorkloadPod[], snapshot: Policies): PolicyDifference[] {
  const labelPairs = labelPairsOf(pods);
  return policiesAbout(labelPairs, snapshot)
    .filter(({ spec }) => spec.policyTypes.includes("Ingress"))
    .flatMap((policy) => differenceOf(policy, peerSelectors(policy, labelPairs.namespace), labelPairs) ?? []);
}

type Policies = Pick<ClusterSnapshot, "policies" | "policiesByLabelKey">;

/** The policies that ask about a label which a pod carries and its twin does not, in the order of the snapshot: nearly always none. */
function policiesAbout(
  { lost }: LabelPairs,
  { policies, policiesByLabelKey }: Policies,
): readonly NetworkPolicy[] {
  const named = new Set([...lost].flatMap((key) => [...(policiesByLabelKey.get(key) ?? [])]));
  return named.size === 0 ? [] : [...policies.values()].flat().filter((policy) => named.has(policy));
}

/** Whether the policy holds for the pod at all. */
export function selectsPod({ policy }: PolicyDifference, { metadata }: WorkloadPod): boolean {
  return (
    policy.metadata.namespace === metadata.namespace && selects(policy.spec.podSelector, metadata.labels)
  );
}

function labelPairsOf(pods: readonly WorkloadPod[]): LabelPairs {
  const pairs = pods.map((pod) => ({ pod: pod.metadata.labels, twin: twinOf(pod).labels }));
  const lost = pairs.flatMap(({ pod, twin }) => Object.keys(pod).filter((key) => !Object.hasOwn(twin, key)));
  return { namespace: pods[0]?.metadata.namespace ?? "", pairs, lost: new Set(lost) };
}

function differenceOf(
  policy: NetworkPolicy,
  selectors: readonly LabelSelector[],
  { pairs, lost }: LabelPairs,
): PolicyDifference | undefined {
  for (const selector of selectors) {
    const labels = labelKeysOf(selector).filter((key) => lost.has(key));
    const isTelling = ({ pod, twin }: LabelPair) => selects(selector, pod) !== selects(selector, twin);
    if (labels.length > 0 && pairs.some(isTelling)) return { policy, labels };
  }
  return undefined;
}

function peerSelectors(policy: NetworkPolicy, namespace: string): LabelSelector[] {
  const mayMean = ({ namespaceSelector }: PolicyPeer) =>
    namespaceSelector !== undefined || policy.metadata.namespace === namespace;
  return policy.spec.ingress
    .flatMap(({ from }) => from)
    .flatMap((peer) => (peer.podSelector && mayMean(peer) ? [peer.podSelector] : []));
}
