import type { Probing } from "../crds/connectivitytest.ts";
import type { Check, Result } from "../crds/proberun.ts";
import type { Tried } from "./attempt.ts";
import type { Contact } from "./contact.ts";
import { lifeOf, type Told } from "./life.ts";
import { gridPlaces, roundInterval, STAGGER } from "./pace.ts";
import type { Report } from "./report.ts";
import { describeSample, type Letter } from "./samples.ts";
import { settle } from "./settle.ts";

export interface RunnerInput {
  readonly checks: readonly Check[];
  readonly probing: Probing;
  /** Go on to the last round whatever has settled: a witness, whose rounds must meet those of others. */
  readonly everyRound?: boolean;
  /** Tries a check once; never throws. */
  readonly attempt: (check: Check) => Promise<Tried>;
  /** How the pod's own node reaches it, as far as is known now. */
  readonly contact: () => Contact | undefined;
  /** Epoch milliseconds that never step back. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Told after each round what is known so far, and at the end the whole. */
  readonly publish: (report: Report) => void;
  readonly trace: (check: Check, round: number, tried: Tried) => void;
}

/** One check with what its rounds said. A hole is a round that was left out, `undefined` one that is under way. */
interface Journal {
  readonly check: Check;
  readonly rounds: (Tried | undefined)[];
}

/** How many signs of life of a family go on when they have settled: one would do, and the second is there should it fail. */
const CONTROLS = 2;

/**
 * Tries all checks side by side, round after round, until every one has settled or the rounds are used up. A check that
 * has settled rests, but for two signs of life, so that a denial and the proof of its source share their rounds; one that
 * nothing shows to be more than silence of the pod's own network goes on. Rounds start on a fixed grid and overlap: a slow
 * attempt delays none. After a round in which the runner was starved one place on the grid is left out, so that a busy
 * node is not made busier. Once what is under way needs only to agree with what is known, its end is awaited before
 * another round begins. With `everyRound` no check rests before the last round.
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
  const settled = (read: Read) =>
    settledAmong(journals, { probing, read, contact: contact(), startedAt, interval });
  const allSettled = (read: Read) => settled(read).length === journals.length;
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
    // The next place on the grid: some are left out where the end of earlier rounds was awaited.
    round = Math.max(round + 1, Math.ceil((now() - startedAt) / interval)) + rest;
  }
  await Promise.all(attempts);
  const whole = report(true);
  publish(whole);
  return whole;
}

/** The checks that another round may tell something of. */
function awake(journals: readonly Journal[], settled: readonly Journal[]): Journal[] {
  const unsettled = journals.filter((journal) => !settled.includes(journal));
  const signs = settled.filter(({ check, rounds }) => check.signOfLife && isOpen(rounds));
  // One sign of life proves nothing of the network of the other family.
  const controls = [...new Set(unsettled.map(({ check }) => check.family))].flatMap((family) =>
    signs.filter(({ check }) => check.family === family).slice(0, CONTROLS),
  );
  return journals.filter((journal) => unsettled.includes(journal) || controls.includes(journal));
}

/** Whether the last word of some check is none: the silence of a starved runner, or an attempt that went wrong. */
const isStarved = (journals: readonly Journal[]) =>
  journals.some(({ rounds }) => rounds.findLast((tried) => tried !== undefined)?.letter === "E");

const isOpen = (rounds: Journal["rounds"]) =>
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

type Read = (journal: Journal) => string;

interface Reading extends Pick<Told, "contact" | "startedAt" | "interval"> {
  readonly probing: Probing;
  readonly read: Read;
}

/** The checks that need no further round. */
function settledAmong(journals: readonly Journal[], { probing, read, ...times }: Reading): Journal[] {
  const samples = new Map(journals.map((journal) => [journal.check.path, read(journal)]));
  const checks = journals.map(({ check }) => check);
  const samplesOfCheck = ({ path }: Check) => samples.get(path) ?? "";
  return journals.filter(({ check }) => {
    const life = lifeOf(check, { checks, samplesOf: samplesOfCheck, ...times });
    const settlement = settle({ ...probing, samples: samplesOfCheck(check), life });
    return settlement.state === "Settled" && settlement.alive !== "None";
  });
}

/** One letter a round; one that was left out and one whose end was not seen say nothing, and are told apart. */
function samplesOf({ rounds }: Journal): string {
  return Array.from(rounds, (tried, round) => tried?.letter ?? unsaid(rounds, round)).join("");
}

const unsaid = (rounds: Journal["rounds"], round: number): Letter => (round in rounds ? "E" : "-");

/** As if everything under way were to say what the last round that has ended said. */
function assumingAgreement({ rounds }: Journal): string {
  const last = rounds.findLast((tried) => tried !== undefined)?.letter ?? "E";
  return Array.from(rounds, (tried, round) => tried?.letter ?? (round in rounds ? last : "-")).join("");
}

function resultOf(journal: Journal): Result {
  const ended = journal.rounds.filter((tried) => tried !== undefined);
  const gotThrough = ended.findLast(({ letter }) => describeSample(letter).actual === "Allowed");
  const latencyMs = gotThrough?.latencyMs;
  const httpStatus = ended.findLast((tried) => tried.httpStatus !== undefined)?.httpStatus;
  const address = ended.findLast((tried) => tried.address !== undefined)?.address;
  const hinted = ended.filter(({ hint }) => hint !== undefined);
  // What the network did explains a verdict; what went wrong on the way only where nothing else is known.
  const { hint } = hinted.findLast(({ letter }) => letter !== "E") ?? hinted.at(-1) ?? {};
  return {
    path: journal.check.path,
    samples: samplesOf(journal),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(address !== undefined && { address }),
    ...(hint !== undefined && { hint }),
  };
}
