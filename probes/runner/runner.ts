import type { Probing } from "../../crds/connectivitytest.ts";
import type { Check, Result } from "../../crds/proberun/proberun.ts";
import type { NodeContact } from "../nodeContact.ts";
import type { Report } from "../report.ts";
import { describeSample, type Letter } from "../samples.ts";
import { settle } from "../settle.ts";
import { sourceEvidenceOf, type PodSamples } from "../sourceEvidence.ts";
import {
  gridPlaces,
  LATEST_START,
  MAX_SAMPLES,
  MAX_WITNESS_ROUNDS,
  roundInterval,
  STAGGER,
} from "../timing.ts";
import type { AttemptResult } from "./attempt.ts";

export interface RunnerInput {
  readonly checks: readonly Check[];
  readonly probing: Probing;
  /**
   * Continue until this aborts, even if all checks have settled: the rounds of a witness must overlap those of others.
   */
  readonly until?: AbortSignal | undefined;
  /** Tries a check once; never throws. */
  readonly attempt: (check: Check) => Promise<AttemptResult>;
  /** Returns the current contact of the pod's own node. */
  readonly contact: () => NodeContact | undefined;
  /** Monotonic epoch milliseconds. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Called after each round with the current results, and at the end with all of them. */
  readonly publish: (report: Report) => void;
  readonly trace: (check: Check, round: number, tried: AttemptResult) => void;
}

/** One check with the results of its rounds. A hole is a round that was left out; `undefined` is one in progress. */
interface Journal {
  readonly check: Check;
  readonly rounds: (AttemptResult | undefined)[];
}

/** The number of checks per family that continue after they have settled, as proof of the source: one, and a spare. */
const CONTROLS = 2;

/**
 * Tries all checks side by side, round after round, until every one has settled or the rounds are used up. A check
 * that has settled stops, except two that prove the source, so that a denial and the proof of its source share their
 * rounds. A denial without any proof of the source continues. Rounds start on a fixed schedule and overlap, so a slow
 * attempt does not delay the next round. After a round with too little CPU the next round is left out, to reduce the
 * load of a busy node. If the results in progress only need to agree with the known ones, the runner waits for them
 * before another round. With `until` no check stops before it aborts; then attempts in progress have no result.
 */
export async function runRounds(input: RunnerInput): Promise<Report> {
  const { checks, probing, until, now, publish, contact } = input;
  const { orEnd, isEnded } = endOf(until);
  const wait = (milliseconds: number) => orEnd(input.wait(milliseconds));
  const interval = roundInterval(probing, checks.length);
  const journals = checks.map((check): Journal => ({ check, rounds: [] }));
  const attempts: Promise<void>[] = [];
  const startedAt = Math.round(now());
  const report = (complete: boolean): Report => {
    const met = contact();
    const writtenAt = Math.floor(now());
    const from = firstReported(journals);
    return {
      startedAt: startedAt + from * interval,
      writtenAt,
      complete,
      ...(met && { contact: met }),
      results: journals.map((journal) => resultOf(journal, from)),
    };
  };
  const settled = (read: ReadSamples) =>
    settledAmong(journals, { probing, read, contact: contact(), startedAt, interval });
  const allSettled = (read: ReadSamples) => {
    const done = settled(read);
    return journals.every((journal) => isControl(journal) || done.includes(journal));
  };
  const { places, most } = limitsOf(input);
  let tried = 0;
  let round = 0;
  while (round < places && tried < most) {
    await wait(startedAt + round * interval - now());
    if (isEnded()) break;
    const trying = until ? journals : awake(journals, settled(samplesOf));
    for (const { journal, turn } of inTurns(trying)) {
      attempts.push(tryLater(journal, { round, delay: turn * STAGGER, input }));
    }
    tried++;
    publish(report(false));
    if (!until && allSettled(assumingAgreement)) {
      await Promise.all(attempts);
      if (allSettled(samplesOf)) break;
    }
    await wait(startedAt + (round + 1) * interval - now());
    const rest = isStarved(trying) ? 1 : 0;
    // The next time of the schedule: some are left out while the runner waits for earlier rounds.
    round = Math.max(round + 1, Math.ceil((now() - LATEST_START - startedAt) / interval)) + rest;
  }
  await orEnd(Promise.all(attempts));
  const whole = report(true);
  publish(whole);
  return whole;
}

/** How many places the grid of rounds has, and how many rounds are tried at most. */
function limitsOf({ probing, until }: RunnerInput): { places: number; most: number } {
  if (until) return { places: MAX_WITNESS_ROUNDS, most: MAX_WITNESS_ROUNDS };
  return { places: gridPlaces(probing), most: probing.maxRounds };
}

interface End {
  /** Waits for the promise, or for the end if that comes first. */
  readonly orEnd: (waiting: Promise<unknown>) => Promise<unknown>;
  readonly isEnded: () => boolean;
}

function endOf(until: AbortSignal | undefined): End {
  if (!until) return { orEnd: (waiting) => waiting, isEnded: () => false };
  const { promise, resolve } = Promise.withResolvers<void>();
  until.addEventListener("abort", () => resolve(), { once: true });
  return { orEnd: (waiting) => Promise.race([promise, waiting]), isEnded: () => until.aborted };
}

/** A report has room for the last rounds only, and says when the first of them started. */
const firstReported = (journals: readonly Journal[]) =>
  Math.max(0, ...journals.map(({ rounds }) => rounds.length - MAX_SAMPLES));

/** No expectation asks for it, so its result is not waited for. */
const isControl = ({ check }: Journal) => check.control === true;

/** The checks for which another round may change the result. */
function awake(journals: readonly Journal[], settled: readonly Journal[]): Journal[] {
  const unsettled = journals.filter((journal) => !isControl(journal) && !settled.includes(journal));
  const signs = settled.filter(({ check, rounds }) => check.provesSource && gotThroughLast(rounds));
  // A proof of the source covers one family only.
  const families = new Set(unsettled.map(({ check }) => check.family));
  const controls = [...families].flatMap((family) =>
    signs.filter(({ check }) => check.family === family).slice(0, CONTROLS),
  );
  return journals.filter(
    (journal) =>
      unsettled.includes(journal) ||
      controls.includes(journal) ||
      (isControl(journal) && families.has(journal.check.family)),
  );
}

/**
 * Reports whether the last result of a check is missing: silence of a runner with too little CPU, or a failed
 * attempt.
 */
const isStarved = (journals: readonly Journal[]) =>
  journals.some(({ rounds }) => rounds.findLast((tried) => tried !== undefined)?.letter === "E");

const gotThroughLast = (rounds: Journal["rounds"]) =>
  describeSample(rounds.findLast((tried) => tried !== undefined)?.letter ?? "E").actual === "Allowed";

/** The attempts in the order in which they start. Those of http start together, because they share a process. */
function inTurns(journals: readonly Journal[]): { journal: Journal; turn: number }[] {
  const processes = journals.map(({ check: { tool, path } }) => (tool === "http" ? tool : path));
  const turns = [...new Set(processes)];
  return journals.map((journal, place) => ({ journal, turn: turns.indexOf(processes[place] ?? "http") }));
}

interface Turn {
  readonly round: number;
  readonly delay: number;
  readonly input: RunnerInput;
}

async function tryLater({ check, rounds }: Journal, { round, delay, input }: Turn): Promise<void> {
  rounds[round] = undefined;
  if (delay > 0) await input.wait(delay);
  const tried = await input.attempt(check);
  rounds[round] = tried;
  input.trace(check, round, tried);
}

type ReadSamples = (journal: Journal) => string;

interface SettleInputs extends Pick<PodSamples, "contact" | "startedAt" | "interval"> {
  readonly probing: Probing;
  readonly read: ReadSamples;
}

/** The checks that need no further round. */
function settledAmong(journals: readonly Journal[], { probing, read, ...times }: SettleInputs): Journal[] {
  const samples = new Map(journals.map((journal) => [journal.check.path, read(journal)]));
  const checks = journals.map(({ check }) => check);
  const samplesOfCheck = ({ path }: Check) => samples.get(path) ?? "";
  return journals.filter(({ check }) => {
    const sourceEvidence = sourceEvidenceOf(check, { checks, samplesOf: samplesOfCheck, ...times });
    const settlement = settle({ ...probing, samples: samplesOfCheck(check), sourceEvidence });
    return settlement.state === "Settled" && settlement.alive !== "None";
  });
}

/**
 * One letter per round. A round that was left out and one without a known end have no result, and have different
 * letters.
 */
function samplesOf({ rounds }: Journal): string {
  return Array.from(rounds, (tried, round) => tried?.letter ?? unsaid(rounds, round)).join("");
}

const unsaid = (rounds: Journal["rounds"], round: number): Letter => (round in rounds ? "E" : "-");

/** Assumes that all attempts in progress will have the result of the last completed round. */
function assumingAgreement({ rounds }: Journal): string {
  const last = rounds.findLast((tried) => tried !== undefined)?.letter ?? "E";
  return Array.from(rounds, (tried, round) => tried?.letter ?? (round in rounds ? last : "-")).join("");
}

function resultOf(journal: Journal, from: number): Result {
  const ended = journal.rounds.filter((tried) => tried !== undefined);
  const gotThrough = ended.findLast(({ letter }) => describeSample(letter).actual === "Allowed");
  const { latencyMs, answeredIn } = gotThrough ?? {};
  const address = ended.findLast((tried) => tried.address !== undefined)?.address;
  const hinted = ended.filter(({ hint }) => hint !== undefined);
  // A network outcome explains a verdict; an error of the probe is used only if there is no other.
  const { hint } = hinted.findLast(({ letter }) => letter !== "E") ?? hinted.at(-1) ?? {};
  return {
    path: journal.check.path,
    samples: samplesOf(journal).slice(from),
    ...(latencyMs !== undefined && { latencyMs }),
    ...lastAnswer(ended),
    ...(address !== undefined && { address }),
    ...(answeredIn && { answeredIn }),
    ...(hint !== undefined && { hint }),
  };
}

/** Both of the same answer: a status and the body of another answer would contradict each other. */
function lastAnswer(ended: readonly AttemptResult[]): Pick<Result, "httpStatus" | "unfinished"> {
  const { httpStatus, unfinished } = ended.findLast((tried) => tried.httpStatus !== undefined) ?? {};
  return { ...(httpStatus !== undefined && { httpStatus }), ...(unfinished && { unfinished }) };
}
