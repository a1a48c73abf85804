import { NO_POD } from "../../crds/proberun/proberun.ts";
import {
  decidedDuring,
  differencesOf,
  isAltered,
  isIntercepted,
  succeededDuring,
  type Certainty,
  type TriedPath,
} from "./evidence.ts";
import { expectationKey, nodePairKey, NO_NODE, nodeOfWitness, type RunEvidence } from "./runEvidence.ts";
import { dialledAddress, socketOf } from "./socket.ts";

/** The result of a witness for a target. */
export interface WitnessResult {
  /**
   * Alive: the target was reached during the deciding rounds. Down: a witness that ran at that time did not reach it
   * in any round. Untimely: the witness ran at another time, for too few rounds, or its rounds did not agree. NotRun: it
   * reported nothing.
   */
  readonly state: "Alive" | "Down" | "Untimely" | "NotRun";
  readonly node: string;
  /** Why it did not run, as the API server or the kubelet reports it. */
  readonly words?: string;
  /** Whether another attempt would fail too: the API server rejected its pod, or admission changed it. */
  readonly refused?: boolean;
}

/**
 * A cluster address, and the cluster's DNS once its servers are known: a connection to it reaches one of several
 * backends.
 */
export function isVirtualAddress({ plan: { kind, backends } }: TriedPath): boolean {
  return kind === "ClusterAddress" || (kind === "Resolver" && backends.length > 0);
}

/**
 * Returns the result of the witnesses for the target of `goal`, during the deciding rounds of `path`; at any time if
 * no probe tried the path.
 */
export function witnessResultAt(
  goal: TriedPath,
  path: TriedPath,
  { index, certainty }: RunEvidence,
): WitnessResult | undefined {
  const socket = socketOf(goal);
  const witnesses = socket === undefined ? [] : (index.witnessesBySocket.get(socket) ?? []);
  const results = witnesses.map((witness) =>
    resultOfWitness(witness, path.plan.pod === NO_POD ? witness : path, certainty),
  );
  return results.find(({ state }) => state === "Alive") ?? results[0];
}

/** Reports whether the witness on that node reached the address of a path during its deciding rounds. */
export function isReachedByWitness(
  node: string,
  path: TriedPath,
  { index, certainty }: RunEvidence,
): boolean {
  const address = dialledAddress(path);
  const witnesses = address === undefined ? [] : (index.witnessesByAddress.get(address) ?? []);
  return witnesses.some(
    (witness) => witness.pod?.node === node && resultOfWitness(witness, path, certainty).state === "Alive",
  );
}

/**
 * Returns the result of the witnesses on the pod network for the link between the probe pod's node and another one,
 * in either direction, during the deciding rounds of the path. Undefined if there was none.
 */
export function linkResultOf(
  far: string,
  path: TriedPath,
  { index, certainty }: RunEvidence,
): WitnessResult | undefined {
  const witnesses = index.linkWitnesses.get(nodePairKey(path, [far, path.pod?.node ?? NO_NODE])) ?? [];
  const results = witnesses.map((witness) => resultOfWitness(witness, path, certainty));
  return results.find(({ state }) => state === "Alive") ?? results[0];
}

function resultOfWitness(
  witness: TriedPath,
  path: TriedPath,
  certainty: Certainty = "Certain",
): WitnessResult {
  const node = nodeOfWitness(witness);
  const { settlement } = witness;
  if (settlement === undefined || isAltered(witness))
    return { state: "NotRun", node, ...witnessFailure(witness) };
  if (succeededDuring(path, witness, certainty)) return { state: "Alive", node };
  const failed = failedThroughout(witness);
  return { state: failed && decidedDuring(path, failed, certainty) ? "Down" : "Untimely", node };
}

/** A witness that did not reach its target in any round, with all of them as its deciding rounds; undefined for another one. */
function failedThroughout(witness: TriedPath): TriedPath | undefined {
  const { settlement, window, openRounds, interval } = witness;
  const isDenied = settlement?.state === "Settled" && settlement.actual === "Denied";
  if (!isDenied || openRounds.length > 0 || window === undefined) return undefined;
  const earlier = (settlement.from - settlement.since) * interval;
  return { ...witness, window: { ...window, from: window.from - earlier } };
}

function witnessFailure(witness: TriedPath): Pick<WitnessResult, "words" | "refused"> {
  if (isIntercepted(witness)) return { words: "a sidecar was injected into it", refused: true };
  const fields = differencesOf(witness).map(({ field }) => field);
  if (fields.length > 0) return { words: `admission changed its ${fields.join(" and ")}`, refused: true };
  const { message, refused } = witness.pod ?? {};
  return { ...(message !== undefined && { words: message }), ...(refused !== undefined && { refused }) };
}

/** Returns the paths of the same expectation to the address of a backend itself. */
export function endpointPathsOf(
  path: TriedPath,
  backend: { readonly uid: string; readonly name: string },
  { index }: RunEvidence,
): TriedPath[] {
  const endpoints = index.endpoints.get(expectationKey(path)) ?? [];
  return endpoints.filter(({ plan }) =>
    plan.backends.some(({ uid, name }) => uid === backend.uid && name === backend.name),
  );
}
