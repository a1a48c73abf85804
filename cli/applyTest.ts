import type { Api } from "../operator/runtime/api.ts";
import { ApiError } from "../operator/runtime/apiError.ts";
import { CliError, clusterError } from "./clusterError.ts";
import type { TestManifest } from "./manifests/testManifest.ts";
import { subjectOf, testPath } from "./selection.ts";

/** Another one than that of the requests, because a manager gives up the fields that are missing in what it applies next. */
const FILE_MANAGER = "netverdict-cli";

/** For a field that the schema does not have, the API server returns 500 with these words. */
const UNKNOWN_FIELD = "failed to create typed patch object";

interface ApplyTarget {
  readonly api: Api;
  /** The URL of the API server, for messages. */
  readonly server: string;
}

/** Creates the test, or changes it to what its file has. Throws CliError. */
export async function applyTest({ api, server }: ApplyTarget, { key, object }: TestManifest): Promise<void> {
  try {
    await api.apply(testPath(key), object, FILE_MANAGER);
  } catch (error) {
    throw rejectionOf(error, key) ?? clusterError(error, { subject: subjectOf(key), server });
  }
}

/** The sentence about an error that only a test which is written can cause. */
function rejectionOf(error: unknown, key: TestManifest["key"]): CliError | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const subject = subjectOf(key);
  const said = error.message.replace(/\.$/, "");
  if ([400, 422].includes(error.code) || said.includes(UNKNOWN_FIELD))
    return new CliError(`${subject}: the API server rejects it (${said}). Correct the file.`);
  switch (error.code) {
    case 404:
      // The API server has no Status for a resource that it does not know.
      return error.reason === "NotFound"
        ? new CliError(`namespace ${key.namespace}: it does not exist. Create it, or check the file.`)
        : undefined;
    case 409:
      return new CliError(
        `${subject}: another program has written other values (${said}). Change the test with that program, and run it by its name.`,
      );
    default:
      return undefined;
  }
}
