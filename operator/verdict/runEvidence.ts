import { isAltered, triedPaths, type Certainty, type RunRecord, type TriedPath } from "./evidence.ts";
import { dialledAddress, socketOf } from "./socket.ts";

type Paths = readonly TriedPath[];

/** The paths of a run, and those of its witnesses. The indexes hold the same paths in the same order. */
export interface RunEvidence {
  readonly run: Paths;
  readonly witnesses: Paths;
  /** Left out: what counts at the same time is certain to be so. */
  readonly certainty?: Certainty;
  readonly index: EvidenceIndex;
}

/** A run has up to 256 paths and as many of witnesses, and the proofs of each path depend on the others: they are looked up. */
interface EvidenceIndex {
  /** The paths of the run that had an open round, and whose probe pod admission did not alter, by IP family. */
  readonly openByFamily: ReadonlyMap<string, Paths>;
  /** The same paths by socket. */
  readonly openBySocket: ReadonlyMap<string | undefined, Paths>;
  /** The paths to the endpoints behind a cluster address, by expectation and family. */
  readonly endpoints: ReadonlyMap<string, Paths>;
  readonly witnessesBySocket: ReadonlyMap<string | undefined, Paths>;
  readonly witnessesByAddress: ReadonlyMap<string | undefined, Paths>;
  /** The witnesses on the pod network, by family and the two nodes. */
  readonly linkWitnesses: ReadonlyMap<string, Paths>;
}

/** A first run or follow-up run: the record of its probes, and that of its witnesses if it has any. */
export interface RunWithWitness {
  readonly run: RunRecord;
  readonly witness?: RunRecord | undefined;
}

/** Settles the paths of a run and of its witnesses. */
export function runEvidenceOf({ run, witness }: RunWithWitness): RunEvidence {
  return withIndex(triedPaths(run), witness ? triedPaths(witness) : []);
}

function withIndex(run: Paths, witnesses: Paths): RunEvidence {
  const open = run.filter((path) => path.openRounds.length > 0 && !isAltered(path));
  const index = {
    openByFamily: Map.groupBy(open, ({ plan }) => plan.check.family),
    openBySocket: Map.groupBy(open, socketOf),
    endpoints: Map.groupBy(
      run.filter(({ plan }) => plan.kind === "Endpoint"),
      expectationKey,
    ),
    witnessesBySocket: Map.groupBy(witnesses, socketOf),
    witnessesByAddress: Map.groupBy(witnesses, dialledAddress),
    linkWitnesses: Map.groupBy(
      witnesses.filter(({ plan }) => plan.kind === "Pod"),
      (witness) => nodePairKey(witness, [nodeOfWitness(witness), witness.plan.backends[0]?.node ?? NO_NODE]),
    ),
  };
  return { run, witnesses, index };
}

/** The key of `endpoints`. */
export const expectationKey = ({ plan: { expectation, check } }: Pick<TriedPath, "plan">) =>
  `${check.family} ${expectation}`;

/** The key of `linkWitnesses`: a link is the same in both directions. */
export const nodePairKey = ({ plan }: Pick<TriedPath, "plan">, nodes: readonly [string, string]) =>
  [plan.check.family, ...nodes.toSorted()].join(" ");

/** No node has this name. */
export const NO_NODE = "/";

/** Where it ran, or was planned to: its source is `Node/worker-1`. */
export const nodeOfWitness = ({ plan, pod }: Pick<TriedPath, "plan" | "pod">) =>
  pod?.node ?? plan.from.replace(/^Node\//, "");
