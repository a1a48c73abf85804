import type { Probing } from "../crds/connectivitytest.ts";
import type { Actual, Outcome, Proof } from "../crds/words.ts";
import type { Life } from "./life.ts";
import { describeSample, type Sample } from "./samples.ts";

export interface SettleInput extends Pick<Probing, "rounds" | "deniedRounds" | "maxRounds"> {
  /** One letter a round, in the order of the rounds. */
  readonly samples: string;
  /** What showed that the pod's network was up. */
  readonly life: Life;
}

/** What the rounds of a check amount to. */
export type Settlement =
  | {
      readonly state: "Settled";
      readonly actual: Actual;
      /** Of the last deciding round. */
      readonly outcome: Outcome;
      readonly asAsked: boolean;
      /** How the pod's network was known to be up in the deciding rounds; an answer shows it by itself. */
      readonly alive: Proof["source"];
      /** Index of the first deciding round. */
      readonly from: number;
      /** Index of the last deciding round; those after it agree. */
      readonly to: number;
      /** Index of the first round since which all agreed; earlier than `from` where more rounds ran than were needed. */
      readonly since: number;
      /** Some round before `since` said something else. */
      readonly disagreedBefore: boolean;
    }
  | {
      readonly state: "Unsettled";
      /** Of the last rounds that could have settled a denial, at least one got through. */
      readonly sometimesAllowed: boolean;
    }
  /** At the limit, what was said agreed, but too few attempts said anything. */
  | { readonly state: "Starved" };

interface Telling extends Sample {
  readonly round: number;
}

/**
 * What the samples amount to (docs/design.md, settling). Only the last rounds decide, so that a later disagreement undoes
 * what had settled. A denial, or a host that cannot be resolved, needs rounds in which the pod's network was known to be
 * up; where no other check shows that at any time, twice as many, and they prove nothing unless its node kept reaching it.
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
    asAsked: final.asAsked,
    alive,
    from: first.round,
    to: final.round,
    since: since.round,
    disagreedBefore: streak.length < telling.length,
  };
}

/** Refused, dropped and unreachable cannot be told apart reliably, so they agree; so do the ways of not resolving. */
const agree = (one: Sample, other: Sample) => one.actual === other.actual && one.asAsked === other.asAsked;

/** So many rounds settle, if they lie where the pod's network is known to be up. */
interface Basis {
  readonly alive: Proof["source"];
  readonly from: number;
  readonly to: number;
  readonly needed: number;
}

/** How many rounds settle a denial where no other check shows that the probe pod's network is up. */
export function unobservedRounds(deniedRounds: number): number {
  return 2 * deniedRounds;
}

/**
 * The ways to settle, the strongest first. Where another check got through, only rounds count that lie between its first
 * success and its last; where too few do, the denial has settled all the same, and nothing shows that the network was up.
 */
function basesOf({ actual }: Sample, { rounds, deniedRounds, life }: SettleInput): readonly Basis[] {
  const { observed, contact } = life;
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
