import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { addressPortKey } from "../cluster/apiServerAddresses.ts";
import { canonical, isGloballyRoutable, isWithin } from "../cluster/ipRanges.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/** The administrator's settings of witnesses. */
export interface WitnessSettings {
  readonly enabled: boolean;
  /** Ranges in CIDR notation that a witness may try although they are not globally routable. */
  readonly allow: readonly string[];
}

export interface WitnessContext {
  readonly snapshot: ClusterSnapshot;
  readonly settings: WitnessSettings;
}

/**
 * Returns the location of the witness that tries the address of a path, if Denied is expected and a witness may try
 * it. A pod's own address is tried from the pod's node, because no policy blocks traffic between the two, and a node's
 * address from the node itself. An address outside the cluster is tried from the node that the probe pod prefers. A
 * cluster address needs no witness, because its backends prove it; only that of the API server does, which has no pods
 * behind it.
 */
export function witnessStandpoint(
  candidate: PathCandidate,
  context: WitnessContext,
): WitnessLocation | undefined {
  const { expectation, source, target } = candidate;
  if (!context.settings.enabled || expectation.expect !== "Denied") return undefined;
  if (isApiServer(target, context.snapshot)) return { node: source.node };
  const { kind, backends, translated } = target;
  if (kind === "ClusterAddress") return undefined;
  const near = translated?.node ?? (kind === "Node" ? backends[0]?.node : undefined);
  return witnessLocation(target, near ?? source.node, context);
}

/** The node of the witness of an address, and the pod with that address, if any. */
export interface WitnessLocation {
  readonly node: string;
  readonly pod?: WorkloadPod;
}

/** The target of a witness; without a port: by ping. */
interface WitnessTarget {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * The node of the pod with that address, otherwise the node `near`: that of the probe pod, or the node that is the
 * target. Undefined if no witness may try the address.
 */
export function witnessLocation(
  { address, port }: WitnessTarget,
  near: string,
  context: WitnessContext,
): WitnessLocation | undefined {
  if (address === undefined) return undefined;
  if (isApiServer({ address, port }, context.snapshot)) return { node: near };
  const pod = podWithAddress(address, context.snapshot);
  const isPodNetwork = pod !== undefined && !pod.spec.hostNetwork;
  if (!isPodNetwork && !isAllowedTarget(address, context)) return undefined;
  return pod ? { node: pod.spec.nodeName, pod } : { node: near };
}

/**
 * Returns the pod on whose node a witness runs as the backend of the address that it tries: its node is the far end of
 * the link. The backend's name is the address, because the test names an address or a host, and not the pod.
 */
export function podBehind(
  address: string,
  { pod }: WitnessLocation,
): Pick<PlannedPath, "backends" | "backendCount"> | undefined {
  if (!pod) return undefined;
  const { nodeName: node, hostNetwork } = pod.spec;
  const backend = { name: address, uid: pod.metadata.uid, node, hostNetwork, readinessOnPort: false };
  return { backends: [backend], backendCount: 1 };
}

/**
 * By the pod's own status, which only its kubelet writes: any user who may write an EndpointSlice may name any address
 * in it.
 */
const podWithAddress = (address: string, { podsByIp }: ClusterSnapshot) =>
  podsByIp.get(canonical(address) ?? "");

/** At the port of the API server alone: a witness must not try other ports of its node. */
function isApiServer({ address, port }: WitnessTarget, { apiServer }: ClusterSnapshot): boolean {
  if (address === undefined || port === undefined || apiServer === undefined) return false;
  return apiServer.has(addressPortKey(address, port) ?? "");
}

/** A witness must not try a node from another node's host network, even if its address is public. */
function isAllowedTarget(address: string, { snapshot: { nodes }, settings }: WitnessContext): boolean {
  if (isWithin(address, settings.allow)) return true;
  const written = canonical(address);
  return (
    written !== undefined &&
    isGloballyRoutable(address) &&
    nodes !== undefined &&
    !nodes.some(({ addresses }) => addresses.has(written))
  );
}
