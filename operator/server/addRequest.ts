import { z } from "zod";
import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { readTest } from "../../crds/readtest.ts";
import { MAX_REQUESTS } from "../../crds/teststatus.ts";
import type { Api } from "../runtime/api.ts";
import { isNotFound } from "../runtime/apiError.ts";
import { connectivityTestPath, connectivityTestStatusPath } from "../runtime/resourcePaths.ts";
import { retryOnConflict } from "../runtime/retryOnConflict.ts";
import { isTokenKnown } from "../status/judgement.ts";

/** Each conflict means that another client, mostly the leader, has written the test in the meantime. */
const MAX_STATUS_WRITES = 5;
/** Below the 10 s for which gates wait for an answer. */
const WRITE_TIMEOUT_MS = 3_000;

/** Everything that this version does not know is written back as it was. */
const storedTestSchema = z.looseObject({ status: z.looseObject({}).optional() });

/** Full: the status has no room for another token. Gone: the test is another object by now, or none. */
export type AddedRequest = "Added" | "Full" | "Gone";

/**
 * Adds a token to `status.pendingRequests`, where the leader finds it as it finds the tokens of the annotation. So any replica may
 * do it, the token outlives a restart, no token of another gate is overwritten, and the operator needs no right to change tests.
 * A token that the status has is not added again. Throws ApiError.
 */
export async function addRequest(
  api: Pick<Api, "get" | "update">,
  { metadata: { namespace, name, uid } }: ConnectivityTest,
  token: string,
): Promise<AddedRequest> {
  const options = { timeout: WRITE_TIMEOUT_MS };
  try {
    return await retryOnConflict(MAX_STATUS_WRITES, async () => {
      const raw = storedTestSchema.parse(await api.get(connectivityTestPath(namespace, name), options));
      const current = readTest(connectivityTestSchema, raw);
      if (current.metadata.uid !== uid) return "Gone";
      if (isTokenKnown(current, token)) return "Added";
      const pending = current.status.pendingRequests ?? [];
      if (pending.length >= MAX_REQUESTS) return "Full";
      const status = { ...raw.status, pendingRequests: [...pending, token] };
      await api.update(connectivityTestStatusPath(namespace, name), { ...raw, status }, options);
      return "Added";
    });
  } catch (error) {
    if (isNotFound(error)) return "Gone";
    throw error;
  }
}
