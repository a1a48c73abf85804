import type { MiddlewareHandler } from "hono";
import type { Log } from "../runtime/log.ts";
import { errorResponse, HttpError, publicError } from "./httpError.ts";
import type { Access, Caller, Reviews } from "./reviews.ts";

const BEARER = /^Bearer +([\x21-\x7e]{1,16384})$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]{1,24576}={0,2})$/i;

/** How a caller may send a token of the API server. */
interface TokenScheme {
  readonly tokenIn: (header: string) => string | undefined;
  /** The header `WWW-Authenticate` of a rejected request. */
  readonly challenge: string;
  readonly remedy: string;
}

const bearerToken = (header: string) => BEARER.exec(header)?.[1];

const BEARER_SCHEME: TokenScheme = {
  tokenIn: bearerToken,
  challenge: "Bearer",
  remedy: "Send the token of a service account as Bearer TOKEN",
};

/** A browser asks its user for a name and a password, and can send no bearer token by itself. */
export const BROWSER_SCHEME: TokenScheme = {
  tokenIn: (header) => bearerToken(header) ?? basicPassword(header),
  challenge: 'Basic realm="netverdict", charset="UTF-8"',
  remedy: "Enter the token of a user as the password, with any user name, or send Bearer TOKEN",
};

/** The user name may be anything, because the token has its own. */
function basicPassword(header: string): string | undefined {
  const [, encoded = ""] = BASIC.exec(header) ?? [];
  const [, password = ""] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return bearerToken(`Bearer ${password.trim()}`);
}

/**
 * Returns the user of an `Authorization` header with a token of the API server. Throws HttpError: Unauthorized if the API server
 * does not accept the token, NotReady if it does not respond.
 */
export async function authenticated(
  reviews: Reviews,
  header: string | undefined,
  { tokenIn, challenge, remedy }: TokenScheme = BEARER_SCHEME,
): Promise<Caller> {
  const token = tokenIn(header ?? "");
  const headers = { "www-authenticate": challenge };
  if (token === undefined)
    throw new HttpError("Unauthorized", `Authorization: it is no bearer token. ${remedy}.`, headers);
  const caller = await orNotReady(async () => reviews.callerOf(token));
  if (caller === undefined)
    throw new HttpError(
      "Unauthorized",
      "Authorization: the API server does not accept the token. Create another one.",
      headers,
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
      const caller = await authenticated(reviews, context.req.header("authorization"));
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
