import type { Probing } from "../crds/connectivitytest.ts";
import type { Actual, Outcome, Proof } from "../crds/vocabulary.ts";
import { describeSample, type Sample } from "./samples.ts";
import type { SourceEvidence } from "./sourceEvidence.ts";

export interface SettleInput extends Pick<Probing, "rounds" | "deniedRounds" | "maxRounds"> {
  /** One letter per round, in the order of the rounds. */
  readonly samples: string;
  /** The evidence that the pod's network was up. */
  readonly sourceEvidence: SourceEvidence;
}

/** The result of the rounds of a check. */
export type Settlement =
  | {
      readonly state: "Settled";
      readonly actual: Actual;
      /** The result of the last deciding round. */
      readonly outcome: Outcome;
      readonly matchesRequest: boolean;
      /** The evidence that the pod's network was up during the deciding rounds; an answer is evidence itself. */
      readonly alive: Proof["source"];
      /** Index of the first deciding round. */
      readonly from: number;
      /** Index of the last deciding round; those after it agree. */
      readonly to: number;
      /** Index of the first round from which on all agreed; earlier than `from` if more rounds ran than necessary. */
      readonly since: number;
      /** Whether a round before `since` had another result. */
      readonly disagreedBefore: boolean;
    }
  | {
      readonly state: "Unsettled";
      /** Whether at least one of the last rounds that could have settled a denial succeeded. */
      readonly sometimesAllowed: boolean;
    }
  /** At the limit, all results agreed, but too few attempts had one. */
  | { readonly state: "Starved" };

interface Telling extends Sample {
  readonly round: number;
}

/**
 * Settles the samples (docs/design.md, Settling). Only the last rounds decide, so a later disagreement reverses an
 * earlier result. A denial, or a host that cannot be resolved, needs rounds during which the pod's network was
 * proven. Without a proof by another check it needs twice as many, and they count only if the pod's node kept
 * reaching it.
 */
export function settle(input: SettleInput): Settlement {
  const telling = input.samples
    .split("")
    .map((letter, round): Telling => ({ ...describeSample(letter), round }))
    .filter(({ outcome }) => outcome !== "ProbeError");
  const last = telling.at(-1);
  if (last === undefined) return unsettled(telling, input);
  const streak = telling.slice(telling.findLastIndex((sample) => !agree(sample, last)) + 1);
  const decided = decide(streak, basesOf(last, input));
  const [since] = streak;
  if (decided === undefined || since === undefined) return unsettled(telling, input);
  const { alive, first, final } = decided;
  return {
    state: "Settled",
    actual: final.actual,
    outcome: final.outcome,
    matchesRequest: final.matchesRequest,
    alive,
    from: first.round,
    to: final.round,
    since: since.round,
    disagreedBefore: streak.length < telling.length,
  };
}

/**
 * Refused, dropped and unreachable cannot be distinguished reliably, so they agree; so do the different failures of
 * resolving.
 */
const agree = (one: Sample, other: Sample) =>
  one.actual === other.actual && one.matchesRequest === other.matchesRequest;

/** This number of rounds settles, if the pod's network is proven during them. */
interface Basis {
  readonly alive: Proof["source"];
  readonly from: number;
  readonly to: number;
  readonly needed: number;
}

/** Returns how many rounds settle a denial if no other check proves the probe pod's network. */
function unobservedRounds(deniedRounds: number): number {
  return 2 * deniedRounds;
}

/**
 * The ways to settle, the strongest first. Where another check got through, only rounds count that lie between its first
 * success and its last; where too few do, the denial has settled all the same, and nothing shows that the network was up.
 */
function basesOf(
  { actual }: Sample,
  { rounds, deniedRounds, sourceEvidence }: SettleInput,
): readonly Basis[] {
  const { observed, contact } = sourceEvidence;
  const throughout = { from: 0, to: Number.POSITIVE_INFINITY };
  if (actual === "Allowed") return [{ alive: "Observed", ...throughout, needed: rounds }];
  const needed = unobservedRounds(deniedRounds);
  const contacted: readonly Basis[] = contact ? [{ alive: "NodeContact", ...contact, needed }] : [];
  if (observed === undefined) return [...contacted, { alive: "None", ...throughout, needed }];
  const since: Basis = { alive: "None", ...throughout, from: observed.from, needed: deniedRounds };
  return [{ alive: "Observed", ...observed, needed: deniedRounds }, ...contacted, since];
}

function decide(streak: readonly Telling[], bases: readonly Basis[]) {
  for (const { alive, from, to, needed } of bases) {
    const counting = streak.filter(({ round }) => round >= from && round <= to).slice(-needed);
    const [first] = counting;
    const final = counting.at(-1);
    if (counting.length === needed && first && final) return { alive, first, final };
  }
  return undefined;
}

function unsettled(telling: readonly Telling[], input: SettleInput): Settlement {
  const [first] = telling;
  const tooFew =
    first === undefined ||
    (telling.every((sample) => agree(sample, first)) && telling.length < fewestRounds(first, input));
  if (tooFew && input.samples.length >= input.maxRounds) return { state: "Starved" };
  const latest = telling.slice(-input.deniedRounds);
  return { state: "Unsettled", sometimesAllowed: latest.some(({ actual }) => actual === "Allowed") };
}

const fewestRounds = (sample: Sample, input: SettleInput) =>
  Math.min(...basesOf(sample, input).map(({ needed }) => needed));
