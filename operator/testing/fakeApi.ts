import type { Api } from "../runtime/api.ts";
import { ApiError } from "../runtime/apiError.ts";

/** An API server that answers what a test expects to be asked, and refuses everything else. */
export function fakeApi(answers: Partial<Api>): Api {
  const unexpected = (call: string) => (path: string) =>
    Promise.reject(new Error(`${call} ${path} was not expected`));
  return {
    get: unexpected("get"),
    list: unexpected("list"),
    create: unexpected("create"),
    update: unexpected("update"),
    delete: unexpected("delete"),
    watch: unexpected("watch"),
    close: () => Promise.resolve(),
    pages() {
      throw new Error("pages was not expected");
    },
    ...answers,
  };
}

/** What the API server says when it refuses. */
export const rejection = (code: number, reason: string, message = reason) =>
  new ApiError({ code, status: { reason, message }, retryAfter: undefined });
