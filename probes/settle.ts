import type { Probing } from "../crds/connectivitytest.ts";
import type { Check } from "../crds/proberun.ts";
import type { Actual, Outcome } from "../crds/words.ts";
import { describeSample, type Sample } from "./samples.ts";

export interface SettleInput extends Pick<Probing, "rounds" | "deniedRounds" | "maxRounds"> {
  /** One letter a round, in the order of the rounds. */
  readonly samples: string;
  /** The first round in which another check of the same pod showed that the pod's network is up. */
  readonly aliveFrom: number | undefined;
}

/** What the rounds of a check amount to. */
export type Settlement =
  | {
      readonly state: "Settled";
      readonly actual: Actual;
      /** Of the last deciding round. */
      readonly outcome: Outcome;
      readonly asAsked: boolean;
      /** Index of the first deciding round. */
      readonly from: number;
      /** Index of the last deciding round. */
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
 * up; where no other check shows that at any time, twice as many.
 */
export function settle(input: SettleInput): Settlement {
  const telling = input.samples
    .split("")
    .map((letter, round): Telling => ({ ...describeSample(letter), round }))
    .filter(({ outcome }) => outcome !== "ProbeError");
  const last = telling.at(-1);
  if (last === undefined) return unsettled(telling, input);
  const needed = roundsNeeded(last, input);
  const streak = telling.slice(telling.findLastIndex((sample) => !agree(sample, last)) + 1);
  const counting =
    last.actual === "Allowed" ? streak : streak.filter(({ round }) => round >= (input.aliveFrom ?? 0));
  const [from] = counting.slice(-needed);
  const [since] = streak;
  if (counting.length < needed || from === undefined || since === undefined) return unsettled(telling, input);
  return {
    state: "Settled",
    actual: last.actual,
    outcome: last.outcome,
    asAsked: last.asAsked,
    from: from.round,
    to: last.round,
    since: since.round,
    disagreedBefore: streak.length < telling.length,
  };
}

/** Refused, dropped and unreachable cannot be told apart reliably, so they agree; so do the ways of not resolving. */
const agree = (one: Sample, other: Sample) => one.actual === other.actual && one.asAsked === other.asAsked;

function roundsNeeded({ actual }: Sample, input: SettleInput): number {
  if (actual === "Allowed") return input.rounds;
  return input.aliveFrom === undefined ? 2 * input.deniedRounds : input.deniedRounds;
}

function unsettled(telling: readonly Telling[], input: SettleInput): Settlement {
  const [first] = telling;
  const tooFew =
    first === undefined ||
    (telling.every((sample) => agree(sample, first)) && telling.length < roundsNeeded(first, input));
  if (tooFew && input.samples.length >= input.maxRounds) return { state: "Starved" };
  const latest = telling.slice(-input.deniedRounds);
  return { state: "Unsettled", sometimesAllowed: latest.some(({ actual }) => actual === "Allowed") };
}

/**
 * The first round in which a check other than this one showed that the pod's network is up; undefined if none ever did.
 * A check never vouches for itself: its own denials would then be proven by its own lucky round.
 */
export function aliveFrom(
  check: Check,
  checks: readonly Check[],
  samplesOf: (check: Check) => string,
): number | undefined {
  const firsts = checks
    .filter((other) => other.path !== check.path && other.signOfLife)
    .map((other) =>
      samplesOf(other)
        .split("")
        .findIndex((letter) => describeSample(letter).actual === "Allowed"),
    )
    .filter((round) => round >= 0);
  return firsts.length === 0 ? undefined : Math.min(...firsts);
}
