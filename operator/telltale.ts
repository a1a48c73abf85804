import { selects, type LabelSelector } from "../crds/selector.ts";
import { twinOf } from "../probes/twin.ts";
import type { NetworkPolicy, PolicyPeer } from "./networkPolicy.ts";
import type { WorkloadPod } from "./pod.ts";
import type { Surroundings } from "./surroundings.ts";

type Labels = Readonly<Record<string, string>>;

/** The labels of a pod, and those that its twin carries. */
interface Likeness {
  readonly pod: Labels;
  readonly twin: Labels;
}

/** A policy that would hold for a pod and not for its twin, or the other way round, and by which labels. */
export interface Telltale {
  readonly policy: NetworkPolicy;
  readonly labels: readonly string[];
}

/** A policy for what these pods send that does not hold for one of them and its twin alike. */
export function egressTelltale(
  pods: readonly WorkloadPod[],
  { policies }: Pick<Surroundings, "policies">,
): Telltale | undefined {
  const own = policies.get(namespaceOf(pods)) ?? [];
  const likenesses = pods.map(likenessOf);
  return own
    .filter(({ spec }) => spec.policyTypes.includes("Egress"))
    .flatMap((policy) => told(policy, [policy.spec.podSelector], likenesses) ?? [])[0];
}

/**
 * The policies that tell one of these pods from its twin by whom they let in. The labels of namespaces are not looked at:
 * a peer with a namespaceSelector may mean theirs.
 */
export function ingressTelltales(
  pods: readonly WorkloadPod[],
  { policies }: Pick<Surroundings, "policies">,
): Telltale[] {
  const likenesses = pods.map(likenessOf);
  return [...policies.values()]
    .flat()
    .filter(({ spec }) => spec.policyTypes.includes("Ingress"))
    .flatMap((policy) => told(policy, peerSelectors(policy, namespaceOf(pods)), likenesses) ?? []);
}

/** Whether the policy holds for the pod at all. */
export function holdsFor({ policy }: Telltale, { metadata }: WorkloadPod): boolean {
  return (
    policy.metadata.namespace === metadata.namespace && selects(policy.spec.podSelector, metadata.labels)
  );
}

const namespaceOf = ([pod]: readonly WorkloadPod[]) => pod?.metadata.namespace ?? "";

const likenessOf = (pod: WorkloadPod): Likeness => ({ pod: pod.metadata.labels, twin: twinOf(pod).labels });

function told(
  policy: NetworkPolicy,
  selectors: readonly LabelSelector[],
  likenesses: readonly Likeness[],
): Telltale | undefined {
  for (const selector of selectors) {
    const unlike = likenesses.find(({ pod, twin }) => selects(selector, pod) !== selects(selector, twin));
    if (unlike) return { policy, labels: keysOf(selector).filter((key) => !isShared(key, unlike)) };
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

const isShared = (key: string, { pod, twin }: Likeness) =>
  Object.hasOwn(pod, key) === Object.hasOwn(twin, key);

function keysOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] {
  return [...new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)])];
}
