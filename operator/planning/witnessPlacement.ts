import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { addressPortKey } from "../cluster/apiServerAddresses.ts";
import { canonical, isGloballyRoutable, isWithin } from "../cluster/ipRanges.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/** The administrator's word on witnesses. */
export interface WitnessSettings {
  readonly enabled: boolean;
  /** Ranges in CIDR notation where a witness may go although they are not globally routable. */
  readonly allow: readonly string[];
}

export interface WitnessContext {
  readonly snapshot: ClusterSnapshot;
  readonly settings: WitnessSettings;
}

/**
 * Where the witness stands that tries the address of a path. Undefined: Denied is not expected, or none may go there. A
 * pod's own address is tried from the pod's node, since a policy never holds between the two, a node's from the node
 * itself; one outside from the node that the probe pod prefers. A cluster address needs none, since it is proven by its
 * backends; only that of the API server does, which has no pods behind it.
 */
export function witnessStandpoint(
  candidate: PathCandidate,
  context: WitnessContext,
): WitnessLocation | undefined {
  const { expectation, source, target } = candidate;
  if (!context.settings.enabled || expectation.expect !== "Denied") return undefined;
  if (isApiServer(target, context.snapshot)) return { node: source.node };
  const { kind, backends } = target;
  if (kind === "ClusterAddress") return undefined;
  const near = kind === "Node" ? backends[0]?.node : undefined;
  return witnessLocation(target, near ?? source.node, context);
}

/** Where a witness stands that tries an address, and the pod that has it, if any. */
export interface WitnessLocation {
  readonly node: string;
  readonly pod?: WorkloadPod;
}

/** What a witness is to try; without a port: by ping. */
interface WitnessTarget {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * Beside the pod that has the address, else on the node `near`: that of the probe, or the very one that is the target.
 * Undefined: no witness may go to the address.
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
 * The pod beside which a witness stands, as what is behind the address that it tries: its node is the far end of the
 * wire. The address stands for its name, since the author has named an address or a host, and not the pod.
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

/** By the pod's own status, which only its kubelet writes; anybody may write an EndpointSlice that names any address. */
const podWithAddress = (address: string, { podsByIp }: ClusterSnapshot) =>
  podsByIp.get(canonical(address) ?? "");

/** At the port of the API server alone: whatever else listens on its node is none of a witness's business. */
function isApiServer({ address, port }: WitnessTarget, { apiServer }: ClusterSnapshot): boolean {
  if (address === undefined || port === undefined || apiServer === undefined) return false;
  return apiServer.has(addressPortKey(address, port) ?? "");
}

/** A node is no target for its neighbours' host network, even where its address is public. */
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
