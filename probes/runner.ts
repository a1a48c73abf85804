import type { Probing } from "../crds/connectivitytest.ts";
import type { Check, Result } from "../crds/proberun.ts";
import type { Tried } from "./attempt.ts";
import { roundInterval } from "./pace.ts";
import type { Report } from "./report.ts";
import { describeSample } from "./samples.ts";
import { aliveFrom, settle } from "./settle.ts";

export interface RunnerInput {
  readonly checks: readonly Check[];
  readonly probing: Probing;
  /** Tries a check once; never throws. */
  readonly attempt: (check: Check) => Promise<Tried>;
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

/**
 * Tries all checks side by side, round after round, until every one has settled or the rounds are used up; a check that
 * has settled goes on with the others, so that a control and a denial share the same rounds. Rounds start on a fixed grid
 * and overlap: a slow attempt delays none. Once what is under way needs only to agree with what is known, its end is
 * awaited before another round begins.
 */
export async function runRounds(input: RunnerInput): Promise<Report> {
  const { checks, probing, now, wait, publish } = input;
  const interval = roundInterval(probing, checks.length);
  const journals = checks.map((check): Journal => ({ check, rounds: [] }));
  const attempts: Promise<void>[] = [];
  const startedAt = Math.round(now());
  const report = (complete: boolean) => ({ startedAt, complete, results: journals.map(resultOf) });
  let round = 0;
  while (round < probing.maxRounds) {
    await wait(startedAt + round * interval - now());
    for (const journal of journals) start(journal, round, { input, attempts });
    publish(report(false));
    if (haveSettled(journals, probing, assumingAgreement)) {
      await Promise.all(attempts);
      if (haveSettled(journals, probing, samplesOf)) break;
    }
    // The next place on the grid: some are left out where the end of earlier rounds was awaited.
    round = Math.max(round + 1, Math.ceil((now() - startedAt) / interval));
  }
  await Promise.all(attempts);
  publish(report(true));
  return report(true);
}

function start(
  { check, rounds }: Journal,
  round: number,
  { input, attempts }: { input: RunnerInput; attempts: Promise<void>[] },
): void {
  rounds[round] = undefined;
  const attempt = async () => {
    const tried = await input.attempt(check);
    rounds[round] = tried;
    input.trace(check, round, tried);
  };
  attempts.push(attempt());
}

function haveSettled(
  journals: readonly Journal[],
  probing: Probing,
  read: (journal: Journal) => string,
): boolean {
  const samples = new Map(journals.map((journal) => [journal.check.path, read(journal)]));
  const checks = journals.map(({ check }) => check);
  const of = ({ path }: Check) => samples.get(path) ?? "";
  return checks.every((check) => {
    const settlement = settle({ ...probing, samples: of(check), aliveFrom: aliveFrom(check, checks, of) });
    return settlement.state === "Settled";
  });
}

/** One letter a round; a round left out, and one whose end was not seen, says nothing. */
function samplesOf({ rounds }: Journal): string {
  return Array.from(rounds, (tried) => tried?.letter ?? "E").join("");
}

/** As if everything under way were to say what the last round that has ended said. */
function assumingAgreement({ rounds }: Journal): string {
  const last = rounds.findLast((tried) => tried !== undefined)?.letter ?? "E";
  return Array.from(rounds, (tried, round) => tried?.letter ?? (round in rounds ? last : "E")).join("");
}

function resultOf(journal: Journal): Result {
  const ended = journal.rounds.filter((tried) => tried !== undefined);
  const gotThrough = ended.findLast(({ letter }) => describeSample(letter).actual === "Allowed");
  const latencyMs = gotThrough?.latencyMs;
  const httpStatus = ended.findLast((tried) => tried.httpStatus !== undefined)?.httpStatus;
  const address = ended.findLast((tried) => tried.address !== undefined)?.address;
  const hint = ended.findLast((tried) => tried.hint !== undefined)?.hint;
  return {
    path: journal.check.path,
    samples: samplesOf(journal),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(address !== undefined && { address }),
    ...(hint !== undefined && { hint }),
  };
}
