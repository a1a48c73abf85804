import type { Context } from "hono";
import { errorFields, type Log } from "../runtime/log.ts";

/** Every error that the server answers with, and its HTTP status. docs/gates.md says when a caller gets which. */
export const HTTP_ERRORS = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  BodyTooLarge: 413,
  TooManyRequests: 429,
  InternalError: 500,
  NotReady: 503,
} as const;
export type HttpErrorName = keyof typeof HTTP_ERRORS;

/** The server cannot give the answer that a request is for. `message` is `<subject>: <observation>. <action>.` */
export class HttpError extends Error {
  readonly error: HttpErrorName;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: HttpErrorName, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.error = error;
    this.headers = headers;
  }

  get status() {
    return HTTP_ERRORS[this.error];
  }
}

/** The response of an error: its name and its message. */
export const errorResponse = (context: Context, { error, message, status, headers }: HttpError): Response =>
  context.json({ error, message }, status, headers);

/** Returns the error that the caller gets, and logs what only the operator's administrator should see. */
export function publicError(error: unknown, log: Log): HttpError {
  if (!(error instanceof HttpError)) {
    log.error("a request failed", errorFields(error));
    return new HttpError("InternalError", "the operator: an unexpected error. See its log.");
  }
  if (error.cause !== undefined)
    log.warn("a request could not be answered", { answer: error.message, ...errorFields(error.cause) });
  return error;
}

export function rejectMethod(allow: string): never {
  throw new HttpError("MethodNotAllowed", `the method: it is not ${allow}. Use ${allow}.`, { allow });
}
