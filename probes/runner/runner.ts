import type { Probing } from "../../crds/connectivitytest.ts";
import type { Check, Result } from "../../crds/proberun/proberun.ts";
import type { NodeContact } from "../nodeContact.ts";
import type { Report } from "../report.ts";
import { describeSample, type Letter } from "../samples.ts";
import { settle } from "../settle.ts";
import { sourceEvidenceOf, type PodSamples } from "../sourceEvidence.ts";
import { gridPlaces, roundInterval, STAGGER } from "../timing.ts";
import type { AttemptResult } from "./attempt.ts";

export interface RunnerInput {
  readonly checks: readonly Check[];
  readonly probing: Probing;
  /**
   * Continue to the last round even if all checks have settled: the rounds of a witness must overlap those of others.
   */
  readonly everyRound?: boolean;
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
 * before another round. With `everyRound` no check stops before the last round.
 */
export async function runRounds(input: RunnerInput): Promise<Report> {
  const { checks, probing, everyRound = false, now, wait, publish, contact } = input;
  const interval = roundInterval(probing, checks.length);
  const journals = checks.map((check): Journal => ({ check, rounds: [] }));
  const attempts: Promise<void>[] = [];
  const startedAt = Math.round(now());
  const report = (complete: boolean): Report => {
    const met = contact();
    const writtenAt = Math.floor(now());
    return { startedAt, writtenAt, complete, ...(met && { contact: met }), results: journals.map(resultOf) };
  };
  const settled = (read: ReadSamples) =>
    settledAmong(journals, { probing, read, contact: contact(), startedAt, interval });
  const allSettled = (read: ReadSamples) => settled(read).length === journals.length;
  const places = gridPlaces(probing);
  let tried = 0;
  let round = 0;
  while (round < places && tried < probing.maxRounds) {
    await wait(startedAt + round * interval - now());
    const trying = everyRound ? journals : awake(journals, settled(samplesOf));
    for (const [turn, journal] of trying.entries()) {
      attempts.push(tryLater(journal, { round, delay: turn * STAGGER, input }));
    }
    tried++;
    publish(report(false));
    if (!everyRound && allSettled(assumingAgreement)) {
      await Promise.all(attempts);
      if (allSettled(samplesOf)) break;
    }
    await wait(startedAt + (round + 1) * interval - now());
    const rest = isStarved(trying) ? 1 : 0;
    // The next time of the schedule: some are left out while the runner waits for earlier rounds.
    round = Math.max(round + 1, Math.ceil((now() - startedAt) / interval)) + rest;
  }
  await Promise.all(attempts);
  const whole = report(true);
  publish(whole);
  return whole;
}

/** The checks for which another round may change the result. */
function awake(journals: readonly Journal[], settled: readonly Journal[]): Journal[] {
  const unsettled = journals.filter((journal) => !settled.includes(journal));
  const signs = settled.filter(({ check, rounds }) => check.provesSource && gotThroughLast(rounds));
  // A proof of the source covers one family only.
  const controls = [...new Set(unsettled.map(({ check }) => check.family))].flatMap((family) =>
    signs.filter(({ check }) => check.family === family).slice(0, CONTROLS),
  );
  return journals.filter((journal) => unsettled.includes(journal) || controls.includes(journal));
}

/**
 * Reports whether the last result of a check is missing: silence of a runner with too little CPU, or a failed
 * attempt.
 */
const isStarved = (journals: readonly Journal[]) =>
  journals.some(({ rounds }) => rounds.findLast((tried) => tried !== undefined)?.letter === "E");

const gotThroughLast = (rounds: Journal["rounds"]) =>
  describeSample(rounds.findLast((tried) => tried !== undefined)?.letter ?? "E").actual === "Allowed";

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

function resultOf(journal: Journal): Result {
  const ended = journal.rounds.filter((tried) => tried !== undefined);
  const gotThrough = ended.findLast(({ letter }) => describeSample(letter).actual === "Allowed");
  const { latencyMs, answeredIn } = gotThrough ?? {};
  const address = ended.findLast((tried) => tried.address !== undefined)?.address;
  const hinted = ended.filter(({ hint }) => hint !== undefined);
  // A network outcome explains a verdict; an error of the probe is used only if there is no other.
  const { hint } = hinted.findLast(({ letter }) => letter !== "E") ?? hinted.at(-1) ?? {};
  return {
    path: journal.check.path,
    samples: samplesOf(journal),
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
