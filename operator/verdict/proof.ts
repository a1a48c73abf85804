import { backendNodes } from "../../crds/proberun/backend.ts";
import type { Backend } from "../../crds/proberun/proberun.ts";
import { targetProofSchema, type Proof } from "../../crds/vocabulary.ts";
import type { ClockDoubt } from "./clocks.ts";
import { showsLife, succeededDuring, type TriedPath } from "./evidence.ts";
import type { RunEvidence } from "./runEvidence.ts";
import { dialledAddress, socketOf } from "./socket.ts";
import {
  endpointPathsOf,
  isReachedByWitness,
  isVirtualAddress,
  linkResultOf,
  witnessResultAt,
  type WitnessResult,
} from "./witnessResult.ts";

/** The proof that one end of a path, or the link, was alive. */
interface Known<How> {
  readonly proof: How;
  /** The result of its witnesses, the worst if it needs several. Undefined if a part of it had no witness. */
  readonly witness: WitnessResult | undefined;
}

/** A path with the evidence that its verdict depends on. */
export interface ProvenPath {
  readonly path: TriedPath;
  readonly target: Known<Proof["target"]>;
  readonly source: Proof["source"];
  readonly link: Known<Proof["link"]>;
  /** Set if a denial lacks proof only because of the clocks of two nodes. */
  readonly doubt?: ClockDoubt | undefined;
}

/**
 * Returns the evidence that both ends of a path and the link between them were alive during the deciding rounds. Only
 * successes of the same run, the same address family and the same time count, and none that a sidecar may have
 * answered.
 */
export function proven(path: TriedPath, runEvidence: RunEvidence): ProvenPath {
  const evidence = pathEvidence(path, runEvidence);
  return { path, target: targetOf(evidence), source: sourceProof(evidence), link: linkOf(evidence) };
}

/** The proofs alone. */
export function proofsOf({ target, source, link }: Omit<ProvenPath, "path">): Proof {
  return { target: target.proof, source, link: link.proof };
}

/**
 * Returns the open paths that prove a path's source and link: one for the source, and as many for the link as
 * necessary. Those of the path's own probe pod come first.
 */
export function supportingPaths(path: TriedPath, runEvidence: RunEvidence): TriedPath[] {
  const { alive, ...evidence } = pathEvidence(path, runEvidence);
  const isForeign = ({ plan }: TriedPath) => Number(plan.pod !== path.plan.pod);
  const open = alive.filter(isOpen).toSorted((one, other) => isForeign(one) - isForeign(other));
  const settled = { ...evidence, alive: open };
  return [...new Set([...sourceProvingPaths(settled).slice(0, 1), ...linkPathsOf(settled)])];
}

function pathEvidence(path: TriedPath, runEvidence: RunEvidence): PathEvidence {
  const open = runEvidence.index.openByFamily.get(path.plan.check.family) ?? [];
  const alive = open.filter((other) =>
    other === path ? isOpen(path) : succeededDuring(path, other, runEvidence.certainty ?? "Certain"),
  );
  const steady = new Set(alive.filter((other) => other === path || other.change === undefined));
  return { ...runEvidence, path, alive, steady };
}

interface PathEvidence extends RunEvidence {
  readonly path: TriedPath;
  /** The paths that were open during the deciding rounds of the path; the path itself if it was open. */
  readonly alive: readonly TriedPath[];
  /** Those of them whose target did not change: the same pods from the plan to the end of the run. */
  readonly steady: ReadonlySet<TriedPath>;
}

/** A path that is open proves its own ends. */
export function isOpen({ settlement }: TriedPath): boolean {
  return settlement?.state === "Settled" && settlement.actual === "Allowed";
}

/**
 * Observed: another source reached the same address, port and protocol (a success of the same source would contradict
 * the denial instead). Witness: the node of the target did. A cluster address is also proven by its backends: if each
 * of them was alive at its own address, no dead endpoint can be mistaken for a policy. Readiness: weaker, because it
 * was read when the run was planned; it counts only if no witness was requested for the deciding rounds. None of them
 * counts for pods other than the planned ones.
 */
function targetOf(evidence: PathEvidence): Known<Proof["target"]> {
  const { path } = evidence;
  const isFront = isVirtualAddress(path);
  const itself = knownAt([path], evidence);
  const behind = path.plan.backends.map((backend) => {
    const known = knownAt(isFront ? endpointPathsOf(path, backend, evidence) : [path], evidence);
    const isReady = backend.readinessOnPort && known.proof === "None" && known.witness === undefined;
    return isReady ? { ...known, proof: "Readiness" as const } : known;
  });
  // The cluster's DNS must answer on the probe pod's node, where there may be a cache, and at each of its servers.
  const isResolver = isFront && path.plan.kind === "Resolver";
  const witnesses = (isResolver ? [itself, ...behind] : behind).map(({ witness }) => witness);
  return {
    proof: proofOfTarget({ path, itself, behind, isResolver }),
    witness: isFront ? worst(witnesses) : itself.witness,
  };
}

interface Ends extends Pick<PathEvidence, "path"> {
  readonly itself: Known<Proof["target"]>;
  readonly behind: readonly Known<Proof["target"]>[];
  readonly isResolver: boolean;
}

function proofOfTarget({ path, itself, behind, isResolver }: Ends): Proof["target"] {
  if (path.change && !isOpen(path)) return "None";
  const weakest = targetProofSchema.options.findLast((option) =>
    behind.some(({ proof }) => proof === option),
  );
  if (isResolver && !isOpen(path)) return (itself.witness?.state === "Alive" && weakest) || "None";
  return itself.proof === "None" ? (weakest ?? "None") : itself.proof;
}

/** Who reached one of these addresses, which all lead to the same target. */
function knownAt(goals: readonly TriedPath[], evidence: PathEvidence): Known<Proof["target"]> {
  const { path } = evidence;
  const states = goals.flatMap((goal) => witnessResultAt(goal, path, evidence) ?? []);
  const witness = states.find(({ state }) => state === "Alive") ?? states[0];
  if (goals.some((goal) => isReached(goal, evidence))) return { proof: "Observed", witness };
  return { proof: witness?.state === "Alive" ? "Witness" : "None", witness };
}

const worst = (all: readonly (WitnessResult | undefined)[]) =>
  all.includes(undefined) ? undefined : (all.find((one) => one?.state !== "Alive") ?? all[0]);

/** The same for the target: the paths that reached it, or each of the pods behind it. */
export function pathsReachingTarget(path: TriedPath, runEvidence: RunEvidence): TriedPath[] {
  const evidence = pathEvidence(path, runEvidence);
  const goals = isVirtualAddress(path)
    ? path.plan.backends.map((backend) => endpointPathsOf(path, backend, evidence))
    : [[path]];
  return goals.flatMap(
    (alike) =>
      evidence.alive.find(
        (other) =>
          isOpen(other) && alike.some((goal) => isReached(goal, { ...evidence, steady: new Set([other]) })),
      ) ?? [],
  );
}

/** Reports whether another source (or the path itself, if open) reached the target of `goal`. */
function isReached(goal: TriedPath, { path, steady, index }: PathEvidence): boolean {
  const target = socketOf(goal);
  const there = target === undefined ? [] : (index.openBySocket.get(target) ?? []);
  return there.some(
    (other) =>
      steady.has(other) &&
      (other === path || other.plan.from !== path.plan.from) &&
      (goal.plan.local !== true || other.pod?.node === path.pod?.node),
  );
}

/**
 * Observed: every deciding round lies between two rounds in which checks of the same probe pod that prove the source
 * succeeded. NodeContact: all deciding rounds, of which there are twice as many, started between two contacts of the
 * pod's own node.
 */
function sourceProof(evidence: PathEvidence): Proof["source"] {
  const { settlement } = evidence.path;
  if (settlement?.state === "Settled" && settlement.actual !== "Allowed") return settlement.alive;
  return sourceProvingPaths(evidence).length > 0 ? "Observed" : "None";
}

function sourceProvingPaths({ path, alive }: PathEvidence): TriedPath[] {
  return alive.filter((sign) => sign.plan.pod === path.plan.pod && showsLife(sign));
}

/**
 * SameNode: both pods are on one node. Observed: for each node behind the address, a path between the same two nodes
 * was open, in either direction, because a connection needs both. For one concrete address it is sufficient that it
 * was reached from the same node, at any port. An address outside the cluster has no other proof, and there the
 * witness on that node is sufficient, too. For a pod it is not, because the witness does not use the pod network. LinkWitness: if no path did, witnesses on the pod network of the two nodes reached each other. For a host-network target
 * that is more than necessary.
 */
function linkOf(evidence: PathEvidence): Known<Proof["link"]> {
  const { path } = evidence;
  const far = backendNodes(path.plan.backends).filter((node) => node !== path.pod?.node);
  const wires = far.map((node) => ({ node, witness: linkResultOf(node, path, evidence) }));
  const alive = wires.filter(({ witness }) => witness?.state === "Alive").map(({ node }) => node);
  return { proof: linkProof(evidence, alive), witness: worst(wires.map(({ witness }) => witness)) };
}

/** `selected`: the nodes that witnesses on the pod network have reached from the probe's, or the other way round. */
function linkProof(evidence: PathEvidence, selected: readonly string[]): Proof["link"] {
  const { path, steady } = evidence;
  const others = [...steady];
  const own = path.pod?.node;
  const { backends } = path.plan;
  if (backends.length > 0 && backends.every(({ node }) => node === own)) return "SameNode";
  if (steady.has(path)) return "Observed";
  if (own === undefined) return "None";
  if (isLinkObserved(own, evidence)) return "Observed";
  const isSpanned = (backend: Backend) =>
    others.some(usesLink(own, backend)) || selected.includes(backend.node);
  const hasFabric = backends.every((backend) => backend.node === own || isSpanned(backend));
  return backends.length > 0 && hasFabric ? "LinkWitness" : "None";
}

function isLinkObserved(own: string, { path, steady, ...runEvidence }: PathEvidence): boolean {
  const others = [...steady];
  if (others.some(reachesAddressOf(path, own))) return true;
  const { backends } = path.plan;
  if (backends.every(({ node }) => node === "")) return isReachedByWitness(own, path, runEvidence);
  return backends.every((backend) => backend.node === own || others.some(usesLink(own, backend)));
}

function linkPathsOf({ path, alive }: PathEvidence): TriedPath[] {
  const own = path.pod?.node;
  if (own === undefined) return [];
  const there = alive.find(reachesAddressOf(path, own));
  if (there) return [there];
  const far = path.plan.backends.filter(({ node }) => node !== own);
  return far.flatMap((backend) => alive.find(usesLink(own, backend)) ?? []);
}

function reachesAddressOf(path: TriedPath, own: string): (other: TriedPath) => boolean {
  const isTranslated = path.plan.translated?.from === "OwnNode";
  const address = isVirtualAddress(path) || isTranslated ? undefined : dialledAddress(path);
  return (other) => address !== undefined && other.pod?.node === own && dialledAddress(other) === address;
}

/**
 * Reports whether a path proves the link between two nodes. A host-network pod is reached without the overlay that
 * other pods need, so it does not prove the link to a pod on the pod network. An address with backends on several
 * nodes proves none, because one success reached one of them.
 */
function usesLink(own: string, { node: far, hostNetwork }: Backend): (other: TriedPath) => boolean {
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
