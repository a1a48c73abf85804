import { z } from "zod";

const MAX_MESSAGE = 1024;

const statusSchema = z.object({
  code: z.number().optional(),
  reason: z.string().default(""),
  message: z.string().default(""),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      uid: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({
            reason: z.string().optional(),
            message: z.string().optional(),
            field: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
type Status = z.infer<typeof statusSchema>;
export type StatusDetails = Status["details"];

interface ErrorAnswer {
  readonly code: number;
  readonly status: Status;
  readonly retryAfter: number | undefined;
}

/**
 * The API server rejected a request. `message` is the `message` of its Status object (at most 1024 characters). No
 * other part of the response is kept: bodies and headers must not get into logs, events and statuses. `retryAfter` is
 * in seconds.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;
  readonly reason: string;
  readonly retryAfter: number | undefined;
  readonly details: StatusDetails;

  constructor({ code, status, retryAfter }: ErrorAnswer) {
    super((status.message || `HTTP ${code}`).slice(0, MAX_MESSAGE));
    this.code = code;
    this.reason = status.reason;
    this.retryAfter = retryAfter ?? status.details?.retryAfterSeconds;
    this.details = status.details;
  }
}

/** Returns the error of an HTTP response. If the body is not a Status (a proxy's page), only the code is kept. */
export function errorFromAnswer(code: number, body: string, retryAfter: string): ApiError {
  return new ApiError({ code, status: readStatus(body), retryAfter: secondsOf(retryAfter) });
}

/** Returns the error of an `ERROR` event of a watch, which is a Status without an HTTP code. */
export function errorFromEvent(object: unknown): ApiError {
  const status = statusSchema.safeParse(object).data ?? statusSchema.parse({});
  return new ApiError({ code: status.code ?? 500, status, retryAfter: undefined });
}

const failureSchema = z.object({ kind: z.literal("Status"), status: z.literal("Failure") });

/** The error in the JSON of a response that says it succeeded; undefined if the JSON is not the Status of an error. */
export function errorInBody(body: unknown): ApiError | undefined {
  return failureSchema.safeParse(body).success ? errorFromEvent(body) : undefined;
}

function readStatus(body: string): Status {
  try {
    return statusSchema.parse(JSON.parse(body));
  } catch {
    return statusSchema.parse({});
  }
}

/** Kubernetes sends seconds. It does not use the date form of RFC 9110 §10.2.3, which counts as absent. */
function secondsOf(retryAfter: string): number | undefined {
  return /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

const isCode = (error: unknown, code: number): error is ApiError =>
  error instanceof ApiError && error.code === code;

/** 403: the operator lacks the right, or admission rejected the request. */
export const isForbidden = (error: unknown): error is ApiError => isCode(error, 403);
/** 404: no such object, or no such resource. */
export const isNotFound = (error: unknown): error is ApiError => isCode(error, 404);
/** 409: an object of that name exists. */
export const isAlreadyExists = (error: unknown): error is ApiError =>
  isCode(error, 409) && error.reason === "AlreadyExists";
/** 409: the object has another resourceVersion or UID than the request. */
export const isConflict = (error: unknown): error is ApiError =>
  isCode(error, 409) && error.reason !== "AlreadyExists";
