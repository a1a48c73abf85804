import { familyOf } from "../../crds/vocabulary.ts";
import { maySelect, type Policy } from "../cluster/policies/policy.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { podsAtAddress } from "./podsAtAddress.ts";
import type { Sender, SenderPair } from "./policyDifferences.ts";
import type { TargetAddress } from "./targetAddress.ts";

/** What policies see of a twin; it is in the namespace of its source. No addresses: they are not known yet. */
export interface TwinIdentity {
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
}

/** Each of the pods of a source, beside the one twin that sends for all of them. */
export function senderPairs(pods: readonly WorkloadPod[], twin: TwinIdentity): SenderPair[] {
  return pods.map(({ metadata: { namespace, labels }, status }) => ({
    pod: { namespace, labels, addresses: byFamily(status.podIPs.map(({ ip }) => ip)) },
    twin: { namespace, labels: twin.labels, addresses: byFamily(twin.addresses) },
  }));
}

function byFamily(addresses: readonly string[]): Sender["addresses"] {
  return new Map(addresses.map((address) => [familyOf(address), address]));
}

/** The pods of a snapshot that are behind a target: those of its plan, and those that may answer at its address. */
export function podsOfTarget(
  { backends, address, port }: Pick<TargetAddress, "backends" | "address" | "port">,
  snapshot: ClusterSnapshot,
): WorkloadPod[] {
  const planned = backends.flatMap(({ uid }) => snapshot.podsByUid.get(uid) ?? []);
  return address === undefined ? planned : [...planned, ...podsAtAddress({ address, port }, snapshot)];
}

/** Whether a policy holds for what one of the pods receives. */
export function holdsForOneOf(
  { subject, mayHoldForNodes = false }: Policy,
  pods: readonly WorkloadPod[],
): boolean {
  return pods.some(
    ({ metadata: { namespace, labels }, spec }) =>
      (mayHoldForNodes && spec.hostNetwork) || maySelect(subject, { namespace, labels }),
  );
}
