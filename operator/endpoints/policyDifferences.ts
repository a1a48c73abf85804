import { selects, type LabelSelector } from "../../crds/selector.ts";
import { twinOf } from "../../probes/pod/twin.ts";
import { labelKeysOf, type NetworkPolicy, type PolicyPeer } from "../cluster/networkPolicy.ts";
import type { Surroundings } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";

type Labels = Readonly<Record<string, string>>;

/** The labels of a pod, and those of its twin. */
interface Pair {
  readonly pod: Labels;
  readonly twin: Labels;
}

/** The pods of a source and their twins. */
interface Likeness {
  readonly namespace: string;
  readonly pairs: readonly Pair[];
  /** The labels that a pod has and its twin does not: a selector without these labels selects both or neither. */
  readonly lost: ReadonlySet<string>;
}

/** A policy that selects only one of a pod and its twin, and the labels that cause it. */
export interface Telltale {
  readonly policy: NetworkPolicy;
  readonly labels: readonly string[];
}

/** A policy for what these pods send that does not hold for one of them and its twin alike. */
export function egressTelltale(pods: readonly WorkloadPod[], snapshot: Policies): Telltale | undefined {
  const likeness = likenessOf(pods);
  return policiesAbout(likeness, snapshot)
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === likeness.namespace && spec.policyTypes.includes("Egress"),
    )
    .flatMap((policy) => told(policy, [policy.spec.podSelector], likeness) ?? [])[0];
}

/**
 * Returns the ingress policies whose peers select only one of a pod and its twin. The labels of namespaces are not
 * evaluated: a peer with a namespaceSelector is assumed to select theirs.
 */
export function ingressTelltales(pods: readonly WorkloadPod[], snapshot: Policies): Telltale[] {
  const likeness = likenessOf(pods);
  return policiesAbout(likeness, snapshot)
    .filter(({ spec }) => spec.policyTypes.includes("Ingress"))
    .flatMap((policy) => told(policy, peerSelectors(policy, likeness.namespace), likeness) ?? []);
}

type Policies = Pick<Surroundings, "policies" | "policiesByLabelKey">;

/** The policies that ask about a label which a pod carries and its twin does not, in the order of the snapshot: nearly always none. */
function policiesAbout(
  { lost }: Likeness,
  { policies, policiesByLabelKey }: Policies,
): readonly NetworkPolicy[] {
  const named = new Set([...lost].flatMap((key) => [...(policiesByLabelKey.get(key) ?? [])]));
  return named.size === 0 ? [] : [...policies.values()].flat().filter((policy) => named.has(policy));
}

/** Whether the policy holds for the pod at all. */
export function holdsFor({ policy }: Telltale, { metadata }: WorkloadPod): boolean {
  return (
    policy.metadata.namespace === metadata.namespace && selects(policy.spec.podSelector, metadata.labels)
  );
}

function likenessOf(pods: readonly WorkloadPod[]): Likeness {
  const pairs = pods.map((pod) => ({ pod: pod.metadata.labels, twin: twinOf(pod).labels }));
  const lost = pairs.flatMap(({ pod, twin }) => Object.keys(pod).filter((key) => !Object.hasOwn(twin, key)));
  return { namespace: pods[0]?.metadata.namespace ?? "", pairs, lost: new Set(lost) };
}

function told(
  policy: NetworkPolicy,
  selectors: readonly LabelSelector[],
  { pairs, lost }: Likeness,
): Telltale | undefined {
  for (const selector of selectors) {
    const labels = labelKeysOf(selector).filter((key) => lost.has(key));
    const isTelling = ({ pod, twin }: Pair) => selects(selector, pod) !== selects(selector, twin);
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
