import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";
import type { Change } from "../runtime/store.ts";
import { annotatedToken, isHandled } from "../status/requests.ts";

/**
 * Remembers each token of the annotation until the status has it. Two gates may write their tokens in the same
 * moment; a reconcile sees the second one alone, but the watch delivers both.
 */
export interface RequestLog {
  /** Called for each change of a test. */
  readonly see: (change: Change<ConnectivityTest>) => void;
  /** The tokens of a test with this UID that its status does not have, the oldest first. */
  readonly tokensOf: (uid: string) => readonly string[];
}

/** A token that is not kept is at most one of hundreds that were written before the operator could write a status. */
const LIMIT = 8 * MAX_REQUESTS;

export function createRequestLog(): RequestLog {
  const tokens = new Map<string, readonly string[]>();
  return {
    see({ before, after }) {
      const uid = (after ?? before)?.metadata.uid ?? "";
      const seen = after && [...(tokens.get(uid) ?? []), ...annotatedToken(after)];
      const open = [...new Set(seen)].filter((token) => after && !isInStatus(after, token));
      if (open.length === 0) tokens.delete(uid);
      else tokens.set(uid, open.slice(0, LIMIT));
    },
    tokensOf: (uid) => tokens.get(uid) ?? [],
  };
}

const isInStatus = ({ status }: ConnectivityTest, token: string) =>
  isHandled(status, token) || status.pendingRequests?.includes(token) === true;
