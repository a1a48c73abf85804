import { NO_POD } from "../../crds/proberun/proberun.ts";
import type { Settlement } from "../../probes/settle.ts";
import { decidedDuring, isIntercepted, succeededDuring, type Certainty, type TriedPath } from "./evidence.ts";
import { dialledAddress, socketOf } from "./socket.ts";

/** What a witness has to say of a target. */
export interface WitnessResult {
  /**
   * Alive: it was reached while the rounds decided. Down: no round of a witness that ran at that time reached it.
   * Untimely: the witness ran at another time, or its rounds did not agree. NotRun: it told nothing.
   */
  readonly state: "Alive" | "Down" | "Untimely" | "NotRun";
  readonly node: string;
  /** Why it did not run, in the cluster's own words. */
  readonly words?: string;
  /** Another time it would fare no better: the API server would not have its pod, or admission changed it. */
  readonly refused?: boolean;
}

/** The paths of a run, and those that its witnesses tried. */
export interface RunEvidence {
  readonly run: readonly TriedPath[];
  readonly witnesses: readonly TriedPath[];
  /** Left out: what counts at the same time is certain to be so. */
  readonly certainty?: Certainty;
}

/** A cluster address, and the cluster's DNS once its servers are known: whoever asks there meets one of several. */
export function isVirtualAddress({ plan: { kind, backends } }: TriedPath): boolean {
  return kind === "ClusterAddress" || (kind === "Resolver" && backends.length > 0);
}

/**
 * What the witnesses have to say of the target of `goal`, at the time when the rounds of `path` decided; at any time if
 * nobody tried the path.
 */
export function witnessResultAt(
  goal: TriedPath,
  path: TriedPath,
  { witnesses, certainty }: RunEvidence,
): WitnessResult | undefined {
  const socket = socketOf(goal);
  const results = witnesses
    .filter((witness) => socket !== undefined && socketOf(witness) === socket)
    .map((witness) => resultOfWitness(witness, path.plan.pod === NO_POD ? witness : path, certainty));
  return results.find(({ state }) => state === "Alive") ?? results[0];
}

/** Whether the witness on that node reached the address of a path while its rounds decided. */
export function isReachedByWitness(
  node: string,
  path: TriedPath,
  { witnesses, certainty }: RunEvidence,
): boolean {
  const address = dialledAddress(path);
  return witnesses.some(
    (witness) =>
      witness.pod?.node === node &&
      address !== undefined &&
      dialledAddress(witness) === address &&
      resultOfWitness(witness, path, certainty).state === "Alive",
  );
}

/**
 * What the witnesses on the pod network have to say of the wire between the node of the probe and another one, in either
 * direction, at the time when the rounds of the path decided. Undefined: nobody was asked.
 */
export function linkResultOf(
  far: string,
  path: TriedPath,
  runEvidence: RunEvidence,
): WitnessResult | undefined {
  const { plan, pod } = path;
  const isOfWire = ({ plan: { kind, check, from, backends }, pod: dialer }: TriedPath) => {
    const ends = [dialer?.node ?? nodeOfSource(from), backends[0]?.node];
    return (
      kind === "Pod" &&
      check.family === plan.check.family &&
      ends.includes(far) &&
      ends.includes(pod?.node ?? NO_NODE)
    );
  };
  const results = runEvidence.witnesses
    .filter(isOfWire)
    .map((witness) => resultOfWitness(witness, path, runEvidence.certainty));
  return results.find(({ state }) => state === "Alive") ?? results[0];
}

/** No node is called so. */
const NO_NODE = "/";

/** Of a witness's planned source, `Node/worker-1`. */
const nodeOfSource = (from: string) => from.replace(/^Node\//, "");

function resultOfWitness(
  witness: TriedPath,
  path: TriedPath,
  certainty: Certainty = "Certain",
): WitnessResult {
  const node = witness.pod?.node ?? nodeOfSource(witness.plan.from);
  const { settlement } = witness;
  if (settlement === undefined || isIntercepted(witness))
    return { state: "NotRun", node, ...witnessFailure(witness) };
  if (succeededDuring(path, witness, certainty)) return { state: "Alive", node };
  return {
    state: isDenied(settlement) && decidedDuring(path, witness, certainty) ? "Down" : "Untimely",
    node,
  };
}

function witnessFailure(witness: TriedPath): Pick<WitnessResult, "words" | "refused"> {
  if (isIntercepted(witness)) return { words: "a sidecar was injected into it", refused: true };
  const { message, refused } = witness.pod ?? {};
  return { ...(message !== undefined && { words: message }), ...(refused !== undefined && { refused }) };
}

const isDenied = (settlement: Settlement) => settlement.state === "Settled" && settlement.actual === "Denied";

/** The paths of the same expectation to the own address of a backend. */
export function endpointPathsOf(
  { plan: { expectation, check } }: TriedPath,
  backend: { readonly uid: string; readonly name: string },
  run: readonly TriedPath[],
): TriedPath[] {
  return run.filter(
    ({ plan }) =>
      plan.kind === "Endpoint" &&
      plan.expectation === expectation &&
      plan.check.family === check.family &&
      plan.backends.some(({ uid, name }) => uid === backend.uid && name === backend.name),
  );
}
