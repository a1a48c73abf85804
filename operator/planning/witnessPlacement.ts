import type { HeadlessPorts } from "../../crds/proberun/plannedpath.ts";
import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import { addressPortKey } from "../cluster/apiServerAddresses.ts";
import { canonical, isWithin } from "../cluster/ipRanges.ts";
import { hasEndpoint } from "../cluster/service.ts";
import type { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import type { PathCandidate } from "./pathCandidates.ts";

/** The administrator's settings of witnesses. */
export interface WitnessSettings {
  readonly enabled: boolean;
  /** The ranges in CIDR notation that a witness may try besides pods and the API server. */
  readonly allow: readonly string[];
}

export interface WitnessContext {
  /** The test's own namespace; "" for a test without one, whose witnesses may try every pod. */
  readonly namespace: string;
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
  readonly kind: PlannedPath["kind"];
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly headless?: HeadlessPorts | undefined;
}

/**
 * The node of the pod with that address, otherwise the node `near`: that of the probe pod, or the node that is the
 * target. Undefined if no witness may try the address (docs/witnesses.md): the result of a witness is in the status of the
 * test, and so shows to the test's author what that pod or address accepts.
 */
export function witnessLocation(
  target: WitnessTarget,
  near: string,
  context: WitnessContext,
): WitnessLocation | undefined {
  const { address } = target;
  if (address === undefined) return undefined;
  if (isApiServer(target, context.snapshot)) return { node: near };
  const pod = podWithAddress(address, context.snapshot);
  const isPermitted =
    pod === undefined || pod.spec.hostNetwork
      ? isWithin(address, context.settings.allow)
      : isPermittedPod({ ...target, address }, pod, context);
  if (!isPermitted) return undefined;
  return pod ? { node: pod.spec.nodeName, pod } : { node: near };
}

/**
 * A pod of the test's own namespace. A pod of another one only if the test names it: by its labels, which a ProbeGrant permits,
 * or by a Service of the pod's own namespace, at the ports that this Service has there. An address or a host names no pod. A
 * range that the administrator allows is no permission either.
 */
function isPermittedPod(
  { kind, address, port, headless }: WitnessTarget & { readonly address: string },
  { metadata }: WorkloadPod,
  { namespace: own, snapshot }: WitnessContext,
): boolean {
  if (own === "" || metadata.namespace === own || kind === "Pod") return true;
  const targetPort = headless?.targetPort ?? port;
  if (kind !== "Endpoint" || targetPort === undefined) return false;
  const slices = [...snapshot.slices].flatMap(([service, ofService]) =>
    service.startsWith(`${metadata.namespace}/`) ? ofService : [],
  );
  return hasEndpoint(slices, { address, port: targetPort, podUid: metadata.uid });
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
function isApiServer(
  { address, port }: Pick<WitnessTarget, "address" | "port">,
  { apiServer }: ClusterSnapshot,
): boolean {
  if (address === undefined || port === undefined || apiServer === undefined) return false;
  return apiServer.has(addressPortKey(address, port) ?? "");
}
