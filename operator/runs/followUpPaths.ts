import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { nameServersAt, type NameServer } from "../planning/dnsServers.ts";
import { podBehind, witnessLocation, type WitnessContext } from "../planning/witnessPlacement.ts";
import type { TriedPath } from "../verdict/evidence.ts";
import { endpointPathsOf, isVirtualAddress, type RunEvidence } from "../verdict/witnessResult.ts";

/** A path that the first look did not have. */
export type AddedPath = Omit<PlannedPath, "id">;

/** How a path is asked about in the second look. */
export interface PathsToRetry {
  /** The path with what is known of its target by now, and with its witness. */
  readonly plan: PlannedPath;
  /** Paths of the first look whose witnesses prove this one: the endpoints behind a cluster address. */
  readonly endpoints: readonly PlannedPath[];
  /** Likewise, and new: the servers behind the cluster's DNS. */
  readonly servers: readonly AddedPath[];
}

export interface RetryInput {
  readonly runEvidence: RunEvidence;
  readonly context: WitnessContext;
}

/** Undefined: no witness may go to the target, or what was there when the run was planned is there no more. */
export function retryPathsFor(path: TriedPath, input: RetryInput): PathsToRetry | undefined {
  switch (path.plan.kind) {
    case "ClusterAddress":
      return retryService(path, input);
    case "Resolver":
      return retryResolver(path, input);
    case "Host":
    case "Address":
    case "Node":
    case "Pod":
    case "Endpoint":
      return retryAddress(path, input);
  }
}

/**
 * A host is pinned to what it resolved to, so that the probe and its witness mean the same address. Where that is a pod's,
 * as where the author wrote it, the pod is behind it.
 */
function retryAddress(path: TriedPath, { context }: RetryInput): PathsToRetry | undefined {
  const { plan, result } = path;
  const address = plan.check.address ?? result?.address;
  if (address === undefined) return undefined;
  const location = witnessLocation({ ...plan.check, address }, nodeNearTarget(path), context);
  if (!location || location.node === "" || !isSamePod(path, location.pod)) return undefined;
  const pinned = { ...plan, check: { ...plan.check, address }, witness: location.node };
  const isBare = plan.kind === "Host" || plan.kind === "Address";
  return { plan: { ...pinned, ...(isBare && podBehind(address, location)) }, endpoints: [], servers: [] };
}

/** The node that is the target itself, else the probe's. */
const nodeNearTarget = ({ plan, pod }: TriedPath) =>
  (plan.kind === "Node" ? plan.backends[0]?.node : pod?.node) ?? "";

/** Another pod that has the address by now would vouch for one that is gone. */
function isSamePod({ plan: { backends } }: TriedPath, pod: WorkloadPod | undefined): boolean {
  return backends.every(({ uid }) => uid === "" || uid === pod?.metadata.uid);
}

/** Nothing of the target is to be learned: what proved it the first time is asked again. */
export function unchangedPaths(path: TriedPath, { run }: RunEvidence): PathsToRetry {
  const endpoints = isVirtualAddress(path)
    ? path.plan.backends.flatMap((backend) => endpointPathsOf(path, backend, run).slice(0, 1))
    : [];
  return { plan: path.plan, endpoints: endpoints.map(({ plan }) => plan), servers: [] };
}

function retryService(path: TriedPath, input: RetryInput): PathsToRetry | undefined {
  const endpoints = path.plan.backends
    .flatMap((backend) => endpointPathsOf(path, backend, input.runEvidence.run).slice(0, 1))
    .flatMap((endpoint) => retryAddress(endpoint, input)?.plan ?? []);
  if (endpoints.length === 0) return undefined;
  // That of the API server alone has a witness itself.
  const witness = path.plan.witness === undefined ? undefined : path.pod?.node;
  return { plan: { ...path.plan, ...(witness !== undefined && { witness }) }, endpoints, servers: [] };
}

/**
 * The name server is pinned, as a host is. Behind a cluster address each of the servers has a witness of its own; and one
 * asks the cluster address from the probe's node, since a cache may answer for it there, which is no server of the Service
 * (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/).
 */
function retryResolver(path: TriedPath, input: RetryInput): PathsToRetry | undefined {
  const address = path.result?.address;
  if (address === undefined) return undefined;
  const { servers, count } = nameServersAt(address, input.context);
  if (servers.length === 0) return retryAddress(path, input);
  const backends = servers.map(({ backend }) => backend);
  const pinned = { ...path.plan, backends, backendCount: count, check: { ...path.plan.check, address } };
  const plan = { ...pinned, witness: path.pod?.node };
  return { plan, endpoints: [], servers: servers.map((server) => serverPath(path, server)) };
}

function serverPath({ plan }: TriedPath, { backend, address, port, witness }: NameServer): AddedPath {
  const { tool, family, path } = plan.check;
  return {
    expectation: plan.expectation,
    expect: plan.expect,
    from: plan.from,
    to: plan.to,
    kind: "Endpoint",
    pod: plan.pod,
    check: { path, tool, family, address, port, provesSource: false },
    backends: [backend],
    backendCount: 1,
    ...(witness !== undefined && { witness }),
  };
}
