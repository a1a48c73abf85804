import type { ConnectivityTest, HandledRequest } from "../../crds/connectivitytest.ts";
import { formatDuration } from "../../crds/duration.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";
import { isTokenKnown, judgeGoal, resultOfToken, type Judgement, VERDICT_OF_STATE } from "./judgement.ts";

/** What a gate asks. */
export interface GateQuestion {
  /** Ask for the result of a run that started for this token; if omitted: for the last verdict. */
  readonly token?: string | undefined;
  /** How long ago the run of the result may have ended, in milliseconds. If omitted: any time. */
  readonly maxAge?: number | undefined;
}

/** What a gate gets as its answer. */
export interface GateVerdict {
  /** Pending: there is none yet. */
  readonly verdict: "Passed" | "Failed" | "Inconclusive" | "Pending";
  readonly reason: string;
  readonly message: string;
  /** When the run ended that decided; null if none did. */
  readonly finishedAt: string | null;
  /** The generation of the spec that it tested; the current one if no run decided. */
  readonly generation: number;
  /** The id of that run. */
  readonly run: string | null;
}

export interface GateDecision {
  readonly answer: GateVerdict;
  /** The token for which a run must be requested, because the operator does not know it yet. */
  readonly request?: string;
}

/**
 * Decides what a gate gets. A result that is older than `maxAge`, or of another generation of the spec, is none: a
 * gate with a token gets the result of another run, which is requested with a token that derives from its own one and that
 * result. So the second attempt of a rollout is not decided by the run of the first, and all gates with one token get one run.
 */
export function gateVerdict(test: ConnectivityTest, question: GateQuestion, now: Date): GateDecision {
  const token =
    question.token === undefined ? undefined : usableToken(test, question.token, { question, now });
  const goal = { uid: test.metadata.uid, ...(token !== undefined && { token }) };
  const judgement = judgeGoal(test, goal, now);
  const isUnknown = token !== undefined && !isTokenKnown(test, token) && judgement.state === "Waiting";
  return {
    answer: answerOf(test, usableJudgement(test, judgement, { question, now })),
    ...(isUnknown && { request: token }),
  };
}

interface AskedAt {
  readonly question: GateQuestion;
  readonly now: Date;
}

/** The token whose result counts: the first without a result that is over. */
function usableToken(test: ConnectivityTest, own: string, asked: AskedAt): string {
  let token = own;
  // The status has so many results, and each of them leads to another token at most.
  for (let count = 0; count <= MAX_REQUESTS; count += 1) {
    const result = resultOfToken(test, token);
    // A result without a run is preliminary: the token still waits.
    if (result?.run === undefined || isUsable(test, result, asked)) return token;
    token = `${own}~${result.run}`;
  }
  return token;
}

type JudgedResult = Partial<Pick<HandledRequest, "finishedAt" | "generation" | "run">>;

/** A time that cannot be read is too long ago. */
function isUsable(
  { metadata }: ConnectivityTest,
  { finishedAt = "", generation, run }: JudgedResult,
  { question: { maxAge = Number.MAX_SAFE_INTEGER }, now }: AskedAt,
): boolean {
  const age = now.getTime() - Date.parse(finishedAt);
  return run !== undefined && generation === metadata.generation && age <= maxAge;
}

/** A result of a run counts only if it is usable. */
function usableJudgement(test: ConnectivityTest, judgement: Judgement, asked: AskedAt): Judgement {
  const { state, finishedAt = "an unknown time", generation = 0 } = judgement;
  const isOfRun = state === "Passed" || state === "Failed";
  if (!isOfRun || isUsable(test, judgement, asked)) return judgement;
  const { maxAge } = asked.question;
  const limit = maxAge === undefined ? "" : `, and maxAge is ${formatDuration(maxAge)}`;
  const message = `its verdict ${state} is of generation ${generation} and ended at ${finishedAt}${limit}. Run the test again`;
  return { state: "Inconclusive", reason: "Expired", message };
}

function answerOf({ metadata }: ConnectivityTest, judgement: Judgement): GateVerdict {
  const { state, reason = "ProbeNotRun", message, run, finishedAt, generation } = judgement;
  return {
    verdict: VERDICT_OF_STATE[state],
    reason,
    message,
    finishedAt: finishedAt ?? null,
    generation: generation ?? metadata.generation,
    run: run ?? null,
  };
}
