import { probingTimes, type Probing } from "../crds/connectivitytest.ts";

/** At most this many tools run at once: about 2.5 MB each, inside the probe pod's memory limit. */
export const MAX_PROCESSES = 48;

/**
 * Milliseconds from the start of one round to the next: `interval`, stretched where even silence on every path would not
 * leave enough processes for it. A full pod at the defaults needs no stretching.
 */
export function roundInterval(probing: Probing, checks: number): number {
  const { interval, timeout } = probingTimes(probing);
  return Math.max(interval, Math.ceil((checks * timeout) / MAX_PROCESSES));
}

/** Milliseconds after which a tool is ended by force: nslookup asks up to three servers in turn (resolv.conf(5)). */
export function attemptLimit(timeout: number): number {
  return 3 * timeout + 1_000;
}

/**
 * Milliseconds from the start of one tool to the next within a round: starting a process keeps the runner from
 * everything else, for long on a busy node, and 24 starts in a row would make each other's silence doubtful.
 */
export const STAGGER = 25;

/** A round that would start more than so many milliseconds after its time is left out. Timers are never exact. */
export const LATEST_START = STAGGER;

/** Milliseconds from the start of a round to the start of its last attempt. */
export function roundSpread(checks: number): number {
  return Math.max(0, checks - 1) * STAGGER;
}

/** The maximum number of rounds in a report; each is a letter of the samples. */
export const MAX_SAMPLES = 60;

/** Places on the grid of rounds, most of which a starved runner may leave out. */
export function gridPlaces({ maxRounds }: Probing): number {
  return Math.min(MAX_SAMPLES, 3 * maxRounds);
}

/** After this number of rounds, a witness that was not ended sends nothing more, and reports. */
export const MAX_WITNESS_ROUNDS = 300;
