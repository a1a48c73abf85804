import { API_VERSION } from "../crds/group.ts";
import { ApiError } from "../operator/runtime/apiError.ts";

/** An error of usage or of the cluster: exit code 3. Its message has the form `<subject>: <observation>. <action>.` */
export class CliError extends Error {}

interface Attempted {
  /** What the request was about, such as `ConnectivityTest shop/web`. */
  readonly subject: string;
  /** The URL of the API server. */
  readonly server: string;
}

/** Returns the sentence about a request that has failed. */
export function clusterError(error: unknown, { subject, server }: Attempted): CliError {
  if (error instanceof CliError) return error;
  if (!(error instanceof ApiError)) {
    const observation = `no response of the Kubernetes API (${causeOf(error)})`;
    return new CliError(`${server}: ${observation}. Check the network, and the cluster in the kubeconfig.`);
  }
  const said = error.message.replace(/\.$/, "");
  switch (error.code) {
    case 401:
      return new CliError(`${server}: the API server rejects the credentials (${said}). Log in again.`);
    case 403:
      return new CliError(
        `${subject}: ${said}. Bind the ClusterRole netverdict-gate to this user, or a role with the same rights.`,
      );
    case 404:
      // The API server has no Status for a resource that it does not know.
      return new CliError(
        error.reason === "NotFound"
          ? missingTest(subject)
          : `${server}: it does not serve ${API_VERSION}. Install netverdict in this cluster, or choose another context.`,
      );
    default:
      return new CliError(`${subject}: the API server returned ${error.code} (${said}). Try again later.`);
  }
}

/** The sentence about a test that the API server does not have. */
export const missingTest = (subject: string) =>
  `${subject}: it does not exist. Check the name and the namespace.`;

/** Reports whether the same request may succeed a little later: the API server did not respond, or is overloaded. */
export function mayRecover(error: unknown): boolean {
  if (error instanceof CliError) return false;
  return !(error instanceof ApiError) || error.code >= 500 || error.code === 429;
}

/** The message of the first cause, in one line: the message of an AggregateError is empty, that of a ZodError has many lines. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 200);
}
