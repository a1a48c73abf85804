import { isDeepStrictEqual } from "node:util";
import type {
  ConnectivityTest,
  ConnectivityTestStatus,
  HandledRequest,
} from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";

/** Longer tokens are cut here, because the status has no room for more. */
const LONGEST_TOKEN = 256;

/** The tokens that request a run and have no result of one yet, each once. */
export interface OpenRequests {
  /** The oldest first, at most 16: the next run handles all of them. */
  readonly waiting: readonly string[];
  /** The tokens for which the status has no room. */
  readonly rejected: readonly string[];
}

/**
 * Returns the tokens of a test without the result of a run. A later token replaces an earlier one in the annotation, so the status
 * keeps those that wait, and `noticed` has those that were in the annotation since the status was read.
 */
export function openRequests(test: ConnectivityTest, noticed: readonly string[] = []): OpenRequests {
  const { pendingRequests = [] } = test.status;
  const tokens = [...new Set([...pendingRequests, ...noticed, ...annotatedToken(test)])];
  const open = tokens.filter((token) => !isHandled(test.status, token));
  return { waiting: open.slice(0, MAX_REQUESTS), rejected: open.slice(MAX_REQUESTS) };
}

/** The token of the annotation, if there is one. */
export function annotatedToken({ metadata }: Pick<ConnectivityTest, "metadata">): string[] {
  const token = cutToken(metadata.annotations[RUN_REQUESTED] ?? "");
  return token === "" ? [] : [token];
}

/** Reports whether a run has ended for a token. A result without a run is preliminary: the token still waits. */
export const isHandled = (
  { lastHandledRequest, handledRequests = [] }: ConnectivityTestStatus,
  wanted: string,
): boolean =>
  wanted === lastHandledRequest ||
  handledRequests.some(({ token, run }) => token === wanted && run !== undefined);

/**
 * Returns the results of all tokens, the newest first, with those of `results` added. An earlier preliminary result is
 * kept if it is still the same, so that its time stays, and is dropped otherwise.
 */
export function withResults(
  before: readonly HandledRequest[] = [],
  results: readonly HandledRequest[],
): HandledRequest[] {
  const added = results.map((result) => before.find((known) => isSameResult(known, result)) ?? result);
  const tokens = new Set(results.map(({ token }) => token));
  const others = before.filter(({ token, run }) => run !== undefined && !tokens.has(token));
  return [...added, ...others].slice(0, MAX_REQUESTS);
}

const isSameResult = (one: HandledRequest, other: HandledRequest) =>
  isDeepStrictEqual({ ...one, finishedAt: "" }, { ...other, finishedAt: "" });

// The API server would return another character for half a surrogate pair, and the request would always be open.
const cutToken = (token: string) => token.slice(0, LONGEST_TOKEN).replace(/[\uD800-\uDBFF]$/, "");
