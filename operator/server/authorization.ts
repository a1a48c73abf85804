import type { MiddlewareHandler } from "hono";
import type { Log } from "../runtime/log.ts";
import { errorResponse, HttpError, publicError } from "./httpError.ts";
import type { Access, Caller, Reviews } from "./reviews.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,16384})$/i;
const CHALLENGE = { "www-authenticate": "Bearer" };

/**
 * Returns the user of an `Authorization` header with a bearer token of the API server. Throws HttpError: Unauthorized if the API server
 * does not accept the token, NotReady if it does not respond.
 */
export async function authenticated(reviews: Reviews, header: string): Promise<Caller> {
  const [, token] = BEARER.exec(header) ?? [];
  if (token === undefined)
    throw new HttpError(
      "Unauthorized",
      "Authorization: it is no bearer token. Send the token of a service account as Bearer TOKEN.",
      CHALLENGE,
    );
  const caller = await orNotReady(async () => reviews.callerOf(token));
  if (caller === undefined)
    throw new HttpError(
      "Unauthorized",
      "Authorization: the API server does not accept the token. Create another one.",
      CHALLENGE,
    );
  return caller;
}

/** What a caller wants to do, in words: `get ConnectivityTest shop/web`. */
interface Purpose {
  readonly access: Access;
  readonly words: string;
  /** What gives the right. */
  readonly remedy: string;
}

/** Throws HttpError: Forbidden if the user lacks the right, NotReady if the API server does not respond. */
export async function requireAccess(
  reviews: Reviews,
  caller: Caller,
  { access, words, remedy }: Purpose,
): Promise<void> {
  if (await orNotReady(async () => reviews.isAllowed(caller, access))) return;
  throw new HttpError("Forbidden", `${caller.username}: it may not ${words}. ${remedy}.`);
}

/** Lets only users with the right to get the path `/metrics` through, as the API server's own components do. */
export const metricsGuard =
  (reviews: Reviews, log: Log): MiddlewareHandler =>
  async (context, next) => {
    try {
      const caller = await authenticated(reviews, context.req.header("authorization") ?? "");
      await requireAccess(reviews, caller, {
        access: { nonResourceAttributes: { path: "/metrics", verb: "get" } },
        words: "get /metrics",
        remedy: "Bind the ClusterRole netverdict-metrics to it",
      });
    } catch (error) {
      return errorResponse(context, publicError(error, log));
    }
    await next();
    return undefined;
  };

/** A review without an answer is no permission. */
async function orNotReady<Answer>(review: () => Promise<Answer>): Promise<Answer> {
  try {
    return await review();
  } catch (error) {
    const failure = new HttpError(
      "NotReady",
      "the operator: the API server does not say who sends this request, and what they may do. Try again later.",
    );
    failure.cause = error;
    throw failure;
  }
}
