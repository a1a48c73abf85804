import { z } from "zod";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../crds/group.ts";
import type { Api } from "../operator/runtime/api.ts";
import { retryOnConflict } from "../operator/runtime/retryOnConflict.ts";
import { isTokenKnown } from "../operator/status/judgement.ts";
import { CliError } from "./clusterError.ts";
import { parseTest, subjectOf, testPath } from "./selection.ts";

/** Each conflict means that another client has written the test in the meantime. */
const MAX_WRITES = 10;

/** As the API server has returned it: everything that this version does not know is written back as it was. */
const storedSchema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
});

/**
 * Writes the token into the annotation of the test, unless it is there or the operator knows it. The write replaces the
 * version that was read, so a token that has a result by then is not written again. Throws ApiError, and CliError if
 * the test is another object by now.
 */
export async function requestRun(api: Api, { metadata }: ConnectivityTest, token: string): Promise<void> {
  const path = testPath(metadata);
  await retryOnConflict(MAX_WRITES, async () => {
    const raw = storedSchema.parse(await api.get(path));
    const current = parseTest(raw, metadata.namespace);
    if (current.metadata.uid !== metadata.uid)
      throw new CliError(`${subjectOf(metadata)}: it was deleted and created again. Run the command again.`);
    if (!isOverwritten(current, token)) return;
    const annotations = { ...raw.metadata.annotations, [RUN_REQUESTED]: token };
    await api.update(path, { ...raw, metadata: { ...raw.metadata, annotations } });
  });
}

/** Reports whether the operator can no longer read the token: another one has replaced it. */
export const isOverwritten = (test: ConnectivityTest, token: string) =>
  test.metadata.annotations[RUN_REQUESTED] !== token && !isTokenKnown(test, token);
