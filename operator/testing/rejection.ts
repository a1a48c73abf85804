import { ApiError } from "../runtime/apiError.ts";

/** What the API server says when it refuses. */
export const rejection = (code: number, reason: string, message = reason) =>
  new ApiError({ code, status: { reason, message }, retryAfter: undefined });
