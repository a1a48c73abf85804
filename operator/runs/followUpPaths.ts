import type { PlannedPath } from "../../crds/proberun/proberun.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { nameServersAt, type NameServer } from "../planning/dnsServers.ts";
import { podBehind, standpoint, type Terrain } from "../planning/witnessPlacement.ts";
import type { TriedPath } from "../verdict/evidence.ts";
import { endpointsOf, standsForOthers, type Trial } from "../verdict/witnessResult.ts";

/** A path that the first look did not have. */
export type NewPath = Omit<PlannedPath, "id">;

/** How a path is asked about in the second look. */
export interface Question {
  /** The path with what is known of its target by now, and with its witness. */
  readonly plan: PlannedPath;
  /** Paths of the first look whose witnesses prove this one: the endpoints behind a cluster address. */
  readonly endpoints: readonly PlannedPath[];
  /** Likewise, and new: the servers behind the cluster's DNS. */
  readonly servers: readonly NewPath[];
}

export interface Scene {
  readonly trial: Trial;
  readonly terrain: Terrain;
}

/** Undefined: no witness may go to the target, or what was there when the run was planned is there no more. */
export function questionAbout(path: TriedPath, scene: Scene): Question | undefined {
  switch (path.plan.kind) {
    case "ClusterAddress":
      return aboutService(path, scene);
    case "Resolver":
      return aboutResolver(path, scene);
    case "Host":
    case "Address":
    case "Node":
    case "Pod":
    case "Endpoint":
      return aboutAddress(path, scene);
  }
}

/**
 * A host is pinned to what it resolved to, so that the probe and its witness mean the same address. Where that is a pod's,
 * as where the author wrote it, the pod is behind it.
 */
function aboutAddress(path: TriedPath, { terrain }: Scene): Question | undefined {
  const { plan, result } = path;
  const address = plan.check.address ?? result?.address;
  if (address === undefined) return undefined;
  const stand = standpoint({ ...plan.check, address }, nearTo(path), terrain);
  if (!stand || stand.node === "" || !isStillThere(path, stand.pod)) return undefined;
  const pinned = { ...plan, check: { ...plan.check, address }, witness: stand.node };
  const isBare = plan.kind === "Host" || plan.kind === "Address";
  return { plan: { ...pinned, ...(isBare && podBehind(address, stand)) }, endpoints: [], servers: [] };
}

/** The node that is the target itself, else the probe's. */
const nearTo = ({ plan, pod }: TriedPath) =>
  (plan.kind === "Node" ? plan.backends[0]?.node : pod?.node) ?? "";

/** Another pod that has the address by now would vouch for one that is gone. */
function isStillThere({ plan: { backends } }: TriedPath, pod: WorkloadPod | undefined): boolean {
  return backends.every(({ uid }) => uid === "" || uid === pod?.metadata.uid);
}

/** Nothing of the target is to be learned: what proved it the first time is asked again. */
export function asBefore(path: TriedPath, { run }: Trial): Question {
  const endpoints = standsForOthers(path)
    ? path.plan.backends.flatMap((backend) => endpointsOf(path, backend, run).slice(0, 1))
    : [];
  return { plan: path.plan, endpoints: endpoints.map(({ plan }) => plan), servers: [] };
}

function aboutService(path: TriedPath, scene: Scene): Question | undefined {
  const endpoints = path.plan.backends
    .flatMap((backend) => endpointsOf(path, backend, scene.trial.run).slice(0, 1))
    .flatMap((endpoint) => aboutAddress(endpoint, scene)?.plan ?? []);
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
function aboutResolver(path: TriedPath, scene: Scene): Question | undefined {
  const address = path.result?.address;
  if (address === undefined) return undefined;
  const { servers, count } = nameServersAt(address, scene.terrain);
  if (servers.length === 0) return aboutAddress(path, scene);
  const backends = servers.map(({ backend }) => backend);
  const pinned = { ...path.plan, backends, backendCount: count, check: { ...path.plan.check, address } };
  const plan = { ...pinned, witness: path.pod?.node };
  return { plan, endpoints: [], servers: servers.map((server) => serverPath(path, server)) };
}

function serverPath({ plan }: TriedPath, { backend, address, port, witness }: NameServer): NewPath {
  const { tool, family, path } = plan.check;
  return {
    expectation: plan.expectation,
    expect: plan.expect,
    from: plan.from,
    to: plan.to,
    kind: "Endpoint",
    pod: plan.pod,
    check: { path, tool, family, address, port, signOfLife: false },
    backends: [backend],
    backendCount: 1,
    ...(witness !== undefined && { witness }),
  };
}
