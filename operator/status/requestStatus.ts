import type {
  ConnectivityTest,
  ConnectivityTestStatus,
  HandledRequest,
} from "../../crds/connectivitytest.ts";
import type { Problem } from "../../crds/reasons.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";
import { fitMessage } from "../../probes/messageLength.ts";
import { verdictsForToken } from "./podVerdicts.ts";
import { openRequests, withResults } from "./requests.ts";
import { stateOfRun, type ActiveRun, type EndedRun } from "./testState.ts";

export interface RequestInput {
  readonly test: ConnectivityTest;
  /** The run that has ended, if it has tested the current spec. */
  readonly ended: EndedRun | undefined;
  readonly active?: ActiveRun;
  readonly problem?: Problem;
  readonly noticed?: readonly string[];
  readonly now: Date;
}

type RequestStatus = Pick<
  ConnectivityTestStatus,
  "lastHandledRequest" | "handledRequests" | "pendingRequests"
>;

/**
 * Returns the results of the tokens, and the tokens that wait. A token gets its result from the run that started for
 * it. While no run can start for it (the test is suspended, or the spec cannot be run), it has a preliminary result, so
 * that no gate waits for it, and still waits: the run starts when it can.
 */
export function requestStatusOf(input: RequestInput): RequestStatus {
  const { test, ended, noticed } = input;
  const { waiting, rejected } = openRequests(test, noticed);
  const own = ended?.run.spec.run.requests ?? [];
  const results = [
    ...(ended ? own.map((token) => handledBy(ended, token)) : []),
    ...refused(waiting, input),
    ...rejected.map((token) => ({ token, ...withoutRun(NO_ROOM, input) })),
  ];
  const handledRequests = withResults(test.status.handledRequests, results.toReversed());
  const pendingRequests = waiting.filter((token) => !own.includes(token));
  const lastHandledRequest = own.at(-1) ?? test.status.lastHandledRequest;
  return {
    ...(lastHandledRequest !== undefined && { lastHandledRequest }),
    ...(handledRequests.length > 0 && { handledRequests }),
    ...(pendingRequests.length > 0 && { pendingRequests }),
  };
}

/** The results of the tokens for which no run can start; not of those that a run handles. */
function refused(waiting: readonly string[], input: RequestInput): HandledRequest[] {
  const { test, problem, ended, active } = input;
  const refusal = problem ?? (test.spec.suspend ? SUSPENDED : undefined);
  const taken = [...(ended?.run.spec.run.requests ?? []), ...(active?.requests ?? [])];
  return refusal
    ? waiting
        .filter((token) => !taken.includes(token))
        .map((token) => ({ token, ...withoutRun(refusal, input) }))
    : [];
}

function handledBy({ run, verdicts, finishedAt }: EndedRun, token: string): HandledRequest {
  const { id, generation } = run.spec.run;
  const {
    verdict,
    reason,
    message,
    brief = message,
  } = stateOfRun(verdictsForToken({ run, verdicts }, token));
  return {
    token,
    verdict,
    reason,
    message: fitMessage(brief),
    run: id,
    generation,
    finishedAt: finishedAt.toISOString(),
  };
}

const SUSPENDED: Problem = {
  reason: "Suspended",
  message: "spec.suspend is true. A run starts when it is false",
};
const NO_ROOM: Problem = {
  reason: "ProbeNotRun",
  message: `${MAX_REQUESTS} other tokens wait for a run. A run for this one starts after theirs`,
};

/** The result of a token for which no run starts. */
const withoutRun = (
  { reason, message }: Problem,
  { test, now }: RequestInput,
): Omit<HandledRequest, "token"> => ({
  verdict: "Inconclusive",
  reason,
  message: fitMessage(message),
  generation: test.metadata.generation,
  finishedAt: now.toISOString(),
});
