import type { Backend } from "../crds/proberun.ts";
import type { Proof } from "../crds/words.ts";
import { succeededIn, type TriedPath } from "./evidence.ts";

/**
 * How we know that both ends of a path and the wire between them were alive while its rounds decided. Only successes
 * of the same run, the same address family and the same time count. `Witness` and `Fabric` are
 * words for evidence that this operator does not gather yet; each would stand between the others here, in the order of its list.
 */
export function proofOf(path: TriedPath, run: readonly TriedPath[]): Proof {
  const alive = run.filter((other) => (other === path ? isOpen(path) : aliveWith(path, other)));
  const evidence = { path, run, alive };
  return { target: targetProof(evidence), source: sourceProof(evidence), link: linkProof(evidence) };
}

interface Evidence {
  readonly path: TriedPath;
  readonly run: readonly TriedPath[];
  /** The paths that were seen to be open when the path's rounds decided; the path itself where it was open. */
  readonly alive: readonly TriedPath[];
}

/** A path that is open proves its own ends. */
function isOpen({ settlement }: TriedPath): boolean {
  return settlement?.state === "Settled" && settlement.actual === "Allowed";
}

function aliveWith({ plan, window }: TriedPath, other: TriedPath): boolean {
  return window !== undefined && plan.check.family === other.plan.check.family && succeededIn(window, other);
}

/**
 * Observed: another source reached the same address, port and protocol (a success of the same source would rather
 * contradict the denial than prove it). A cluster address is also proven by its backends: if each of them was alive at
 * its own address, no policy is mistaken for a dead endpoint. Readiness: weaker, as old as the readiness probe's
 * period times its threshold.
 */
function targetProof({ path, run, alive }: Evidence): Proof["target"] {
  if (isReached(path, path, alive)) return "Observed";
  const { kind, backends } = path.plan;
  if (backends.length === 0) return "None";
  const observed = (backend: Backend) =>
    kind === "ClusterAddress" && isBackendReached(backend, { path, run, alive });
  if (backends.every(observed)) return "Observed";
  return backends.every((backend) => observed(backend) || backend.readinessOnPort) ? "Readiness" : "None";
}

/** Whether somebody other than the path's source (or the path itself, if open) reached the target of `goal`. */
function isReached(goal: TriedPath, path: TriedPath, alive: readonly TriedPath[]): boolean {
  const target = socketOf(goal);
  return (
    target !== undefined &&
    alive.some(
      (other) => (other === path || other.plan.from !== path.plan.from) && socketOf(other) === target,
    )
  );
}

function isBackendReached(backend: Backend, { path, run, alive }: Evidence): boolean {
  const { expectation, check } = path.plan;
  const endpoints = run.filter(
    ({ plan }) =>
      plan.kind === "Endpoint" &&
      plan.expectation === expectation &&
      plan.check.family === check.family &&
      plan.backends.some(({ uid, name }) => uid === backend.uid && name === backend.name),
  );
  return endpoints.some((endpoint) => isReached(endpoint, path, alive));
}

/** The address that was dialled. None where only the pod's own resolver knows: two pods may have different ones. */
function addressOf({ plan, result }: TriedPath): string | undefined {
  return plan.kind === "Host" ? result?.address : plan.check.address;
}

/** Protocol, address and port; curl's http and tcp checks are both TCP. */
function socketOf(path: TriedPath): string | undefined {
  const address = addressOf(path);
  const { tool, port } = path.plan.check;
  if (address === undefined) return undefined;
  return tool === "icmp" ? `icmp ${address}` : `tcp ${address} ${port}`;
}

/**
 * Observed: a check of the same probe pod that counts as a sign of life got through. NodeContact: every round that decides,
 * and they are twice as many, began between two contacts of the pod's own node.
 */
function sourceProof({ path, alive }: Evidence): Proof["source"] {
  const signs = alive.filter(({ plan }) => plan.pod === path.plan.pod && plan.check.signOfLife);
  if (signs.some((sign) => !mayBeOwnNode(sign))) return "Observed";
  const { settlement } = path;
  return settlement?.state === "Settled" && settlement.alive === "NodeContact" ? "NodeContact" : "None";
}

/**
 * Policy never holds between a pod and its own node, so an answer from a host-network pod there is no sign of life.
 * Where the probe really ran is known only afterwards.
 */
function mayBeOwnNode({ plan, pod }: TriedPath): boolean {
  return plan.backends.some(
    ({ hostNetwork, node }) => hostNetwork && (pod?.node === undefined || pod.node === node),
  );
}

/**
 * SameNode: there is no wire. Observed: for each node behind the address, a path between the same two nodes was open,
 * in either direction, since a connection takes both. For one concrete address it is enough that it was reached from
 * the same node, at any port; that is all there can be for an address outside the cluster.
 */
function linkProof({ path, alive }: Evidence): Proof["link"] {
  const own = path.pod?.node;
  const { backends } = path.plan;
  if (backends.length > 0 && backends.every(({ node }) => node === own)) return "SameNode";
  if (alive.includes(path)) return "Observed";
  if (own === undefined) return "None";
  if (alive.some(reachesAddressOf(path, own))) return "Observed";
  const wired = backends.every((backend) => backend.node === own || alive.some(spans(own, backend)));
  return backends.length > 0 && wired ? "Observed" : "None";
}

function reachesAddressOf(path: TriedPath, own: string): (other: TriedPath) => boolean {
  const address = path.plan.kind === "ClusterAddress" ? undefined : addressOf(path);
  return (other) => address !== undefined && other.pod?.node === own && addressOf(other) === address;
}

/**
 * Whether a path goes over the wire between two nodes. A host-network pod is reached without the overlay that other
 * pods need, so it proves no wire to a pod on the pod network. An address with backends on several nodes proves none,
 * since one success met one of them.
 */
function spans(own: string, { node: far, hostNetwork }: Backend): (other: TriedPath) => boolean {
  return ({ plan, pod }) => {
    const node = pod?.node;
    const between = (near: string | undefined) =>
      (node === own && near === far) || (node === far && near === own);
    return (
      far !== "" &&
      plan.backends.length > 0 &&
      plan.backends.every((other) => between(other.node) && (hostNetwork || !other.hostNetwork))
    );
  };
}
