import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { nameServersAt, type NameServer } from "../planning/dnsServers.ts";
import { podBehind, witnessLocation, type WitnessContext } from "../planning/witnessPlacement.ts";
import type { TriedPath } from "../verdict/evidence.ts";
import { endpointPathsOf, isVirtualAddress, type RunEvidence } from "../verdict/witnessResult.ts";

/** A path that the first run did not have. */
export type AddedPath = Omit<PlannedPath, "id">;

/** How the follow-up run tests a path. */
export interface PathsToRetry {
  /** The path, with the known address of its target and with its witness. */
  readonly plan: PlannedPath;
  /** Paths of the first run whose witnesses prove this one: the endpoints behind a cluster address. */
  readonly endpoints: readonly PlannedPath[];
  /** New paths whose witnesses prove this one: the servers behind the cluster's DNS. */
  readonly servers: readonly AddedPath[];
}

export interface RetryInput {
  readonly runEvidence: RunEvidence;
  readonly context: WitnessContext;
}

/** Undefined if no witness may try the target, or if the planned target no longer exists. */
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
 * A host is pinned to the address that it resolved to, so that the probe and its witness use the same address. If a
 * pod has this address, it is the backend.
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

/** The node that is the target itself, otherwise the probe pod's node. */
const nodeNearTarget = ({ plan, pod }: TriedPath) =>
  (plan.kind === "Node" ? plan.backends[0]?.node : pod?.node) ?? "";

/** Another pod that has the address now would prove a pod that is gone. */
function isSamePod({ plan: { backends } }: TriedPath, pod: WorkloadPod | undefined): boolean {
  return backends.every(({ uid }) => uid === "" || uid === pod?.metadata.uid);
}

/** The target needs no new proof: the checks that proved it in the first run are repeated. */
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
 * The name server is pinned, like a host. Behind a cluster address each of the servers has a witness of its own.
 * Another witness queries the cluster address from the probe pod's node, because a cache that is not a server of the
 * Service may answer there (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/).
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
