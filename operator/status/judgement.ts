import type { Condition } from "../../crds/conditions.ts";
import type { ConnectivityTest, HandledRequest } from "../../crds/connectivitytest.ts";
import { openRequests } from "./requests.ts";

/** What a gate waits for. */
export interface Goal {
  /** The UID of the test: another object of the same name has other results. */
  readonly uid: string;
  /** Wait for the result of this token; if omitted: for a verdict of the current spec. */
  readonly token?: string;
}

/** Error: there will be no result. Waiting: there is none yet. */
export type JudgementState = "Passed" | "Failed" | "Inconclusive" | "Error" | "Waiting";

/** The verdict that a state is for a reader outside of netverdict. Error is that of a test which is being deleted. */
export const VERDICT_OF_STATE = {
  Passed: "Passed",
  Failed: "Failed",
  Inconclusive: "Inconclusive",
  Error: "Inconclusive",
  Waiting: "Pending",
} as const satisfies Readonly<Record<JudgementState, string>>;

export interface Judgement {
  readonly state: JudgementState;
  /** Why, as `<observation>. <action>`, without the last full stop. */
  readonly message: string;
  /** The same in one word, as in the status; omitted if the state is Error. */
  readonly reason?: string;
  /** The id of the run that decided; omitted if none did. */
  readonly run?: string;
  /** When that run ended, or since when no run can start. */
  readonly finishedAt?: string;
  /** The generation of the spec that it tested. */
  readonly generation?: number;
}

/**
 * Judges a test as it is now, for gates of any kind; undefined: it no longer exists. With a token only the result of that token counts,
 * and without one only a verdict of the current spec that no run in progress or requested is about to replace, and whose
 * `validUntil` is not over.
 */
export function judgeGoal(test: ConnectivityTest | undefined, { uid, token }: Goal, now: Date): Judgement {
  if (test === undefined)
    return error("it was deleted before it had a result. Create it, and run the command again");
  if (test.metadata.uid !== uid)
    return error("it was deleted and created again before it had a result. Run the command again");
  if (test.metadata.deletionTimestamp !== undefined)
    return error("it is being deleted. Create it again, and run the command again");
  return token === undefined ? judgeStatus(test, now) : judgeToken(test, token);
}

/** Reports whether the operator knows the token: it waits for a run, or has its result. */
export const isTokenKnown = ({ status }: ConnectivityTest, token: string) =>
  status.pendingRequests?.includes(token) === true || resultOfToken({ status }, token) !== undefined;

/** The result of a token in the status, preliminary or not. */
export const resultOfToken = ({ status }: Pick<ConnectivityTest, "status">, wanted: string) =>
  status.handledRequests?.find(({ token }) => token === wanted);

function judgeToken(test: ConnectivityTest, token: string): Judgement {
  const result = resultOfToken(test, token);
  if (result) return decidedBy(result);
  if (test.status.lastHandledRequest === token)
    return error("the operator wrote no result for the token. Upgrade the operator, or use another token");
  if (!isTokenKnown(test, token)) return notYet("the operator has not read the request yet");
  const reconciling = trueCondition(test, "Reconciling");
  return reconciling ? notYetBy(reconciling) : notYet("the run of the request is about to start");
}

function judgeStatus(test: ConnectivityTest, now: Date): Judgement {
  return beforeVerdict(test) ?? staleVerdict(test, now) ?? judgeVerdict(test);
}

/** Why the verdict in the status must not be used yet. */
function beforeVerdict(test: ConnectivityTest): Judgement | undefined {
  const { generation } = test.metadata;
  if (test.status.observedGeneration !== generation)
    return notYet(`the operator has not read generation ${generation} yet`);
  const reconciling = trueCondition(test, "Reconciling");
  if (reconciling) return notYetBy(reconciling);
  const { waiting } = openRequests(test);
  if (waiting.length === 0) return undefined;
  // A result without a run is preliminary: no run can start at present.
  const refused = test.status.handledRequests?.find((request) => waiting.includes(request.token));
  return refused
    ? decidedBy({ ...refused, verdict: "Inconclusive" })
    : notYet("a requested run has no result yet");
}

/** Reports whether the time of a verdict is over. A time that cannot be read is over, too. */
export const hasExpired = ({ validUntil }: ConnectivityTest["status"], now: Date): boolean =>
  validUntil !== undefined && !(now.getTime() < Date.parse(validUntil));

/** A verdict whose time is over. The operator reports this too, but not while it is not running. */
function staleVerdict({ status }: ConnectivityTest, now: Date): Judgement | undefined {
  if (!hasExpired(status, now)) return undefined;
  const message = `its verdict ${status.verdict ?? "Pending"} was valid until ${status.validUntil}. Check that the operator is running, and run the test again`;
  return { state: "Inconclusive", reason: "Expired", message };
}

function judgeVerdict(test: ConnectivityTest): Judgement {
  const ready = conditionOf(test, "Ready");
  if (ready?.observedGeneration !== test.metadata.generation)
    return notYet("the operator has written no condition Ready for this generation yet");
  const state = stateOfVerdict(test, ready);
  if (state === "Waiting") return notYetBy(ready);
  const { message = ready.message, run } = test.status;
  return {
    state,
    reason: ready.reason,
    message: withoutStop(message),
    ...(run && { run: run.id, finishedAt: run.finishedAt, generation: run.generation }),
  };
}

function stateOfVerdict(test: ConnectivityTest, { status, reason }: Condition): JudgementState {
  const { verdict } = test.status;
  if (verdict === "Failed" || verdict === "Inconclusive") return verdict;
  if (verdict === "Passed") return status === "True" ? verdict : "Waiting";
  // No run starts by itself while a test is suspended, or when its spec cannot be run.
  return reason === "Suspended" || trueCondition(test, "Stalled") ? "Inconclusive" : "Waiting";
}

const conditionOf = ({ status }: ConnectivityTest, wanted: string): Condition | undefined =>
  status.conditions?.find(({ type }) => type === wanted);

function trueCondition(test: ConnectivityTest, wanted: string): Condition | undefined {
  const condition = conditionOf(test, wanted);
  return condition?.status === "True" ? condition : undefined;
}

const decidedBy = ({ verdict, message, reason, run, finishedAt, generation }: HandledRequest): Judgement => ({
  state: verdict,
  reason,
  message: withoutStop(message),
  finishedAt,
  generation,
  ...(run !== undefined && { run }),
});
const notYetBy = ({ reason, message }: Pick<Condition, "reason" | "message">): Judgement => ({
  state: "Waiting",
  reason,
  message: withoutStop(message),
});
const notYet = (message: string): Judgement => notYetBy({ reason: "InProgress", message });
const error = (message: string): Judgement => ({ state: "Error", message });
const withoutStop = (message: string) => message.replace(/\.$/, "");
