import { canonical, isGloballyRoutable, isWithin } from "./addressRanges.ts";
import type { Draft } from "./drafts.ts";
import { isRunning, type WorkloadPod } from "./pod.ts";
import type { Surroundings } from "./surroundings.ts";

/** The administrator's word on witnesses. */
export interface WitnessSettings {
  readonly enabled: boolean;
  /** Ranges in CIDR notation where a witness may go although they are not globally routable. */
  readonly allow: readonly string[];
}

export interface Terrain {
  readonly surroundings: Surroundings;
  readonly settings: WitnessSettings;
}

/**
 * The node whose witness tries the address of a path: where Denied is expected, and where one may go at all. A pod's own
 * address is tried from the pod's node, since a policy never holds between the two; one outside from the node that the
 * probe pod prefers. A cluster address needs none: it is proven by its backends.
 */
export function witnessNode(
  { expectation, source, target }: Draft,
  { surroundings, settings }: Terrain,
): string | undefined {
  const { address, kind } = target;
  if (!settings.enabled || expectation.expect !== "Denied") return undefined;
  if (address === undefined || kind === "ClusterAddress") return undefined;
  const pod = podAt(address, surroundings);
  if (pod && !pod.spec.hostNetwork) return pod.spec.nodeName;
  if (!mayGo(address, { surroundings, settings })) return undefined;
  return pod?.spec.nodeName ?? source.pod.spec.nodeName;
}

/** By the pod's own status, which only its kubelet writes; anybody may write an EndpointSlice that names any address. */
function podAt(address: string, { pods }: Surroundings): WorkloadPod | undefined {
  const wanted = canonical(address);
  return [...pods.values()]
    .flat()
    .find((pod) => isRunning(pod) && pod.status.podIPs.some(({ ip }) => canonical(ip) === wanted));
}

/** A node is no target for its neighbours' host network, even where its address is public. */
function mayGo(address: string, { surroundings: { nodeAddresses }, settings }: Terrain): boolean {
  if (isWithin(address, settings.allow)) return true;
  const written = canonical(address);
  return (
    written !== undefined &&
    isGloballyRoutable(address) &&
    nodeAddresses !== undefined &&
    !nodeAddresses.has(written)
  );
}
