import type { Api } from "./api.ts";
import { ApiError } from "./apiError.ts";
import { resourceOf } from "./resourcePaths.ts";

/** A list or a watch that has failed; `code` is 0 if it was not the API server that ended it. */
export interface CacheError {
  readonly resource: string;
  readonly verb: "list" | "watch";
  readonly code: number;
}

export interface CacheObserver {
  /** A list has begun. */
  readonly onList: (resource: string) => void;
  readonly onError: (error: CacheError) => void;
}

/** The same requests of caches; the observer notices their lists, and the lists and watches that fail before they are aborted. */
export function observeCaches(
  { pages, watch }: Pick<Api, "pages" | "watch">,
  { onList, onError }: CacheObserver,
): Pick<Api, "pages" | "watch"> {
  const failed = (path: string, verb: CacheError["verb"], error: unknown) =>
    onError({ resource: resourceOf(path), verb, code: error instanceof ApiError ? error.code : 0 });
  return {
    async *pages(path, query, options) {
      onList(resourceOf(path));
      try {
        yield* pages(path, query, options);
      } catch (error) {
        if (options?.signal?.aborted !== true) failed(path, "list", error);
        throw error;
      }
    },
    async watch(path, query, options) {
      try {
        await watch(path, query, options);
      } catch (error) {
        if (!options.signal.aborted) failed(path, "watch", error);
        throw error;
      }
    },
  };
}

/** Why the API server does not accept a new object. */
export const REJECTION_REASONS = [
  "Quota",
  "Admission", // a webhook, a ValidatingAdmissionPolicy, or a plugin of the API server such as Pod Security
  "Authorization", // the operator lacks the right
  "NamespaceTerminating",
  "NotFound", // no such namespace
  "Invalid",
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** The same `create`; `onRejected` is called with the resource and the reason of each rejection. */
export function observeRejections(
  api: Pick<Api, "create">,
  onRejected: (resource: string, reason: RejectionReason) => void,
): Api["create"] {
  return async (path, body, options) => {
    try {
      return await api.create(path, body, options);
    } catch (error) {
      const reason = error instanceof ApiError ? rejectionReason(error) : undefined;
      if (reason !== undefined) onRejected(resourceOf(path), reason);
      throw error;
    }
  };
}

/** In this order. A webhook and a ValidatingAdmissionPolicy choose the code of their denials. */
const REJECTIONS: readonly (readonly [RejectionReason, (error: ApiError) => boolean])[] = [
  ["Admission", ({ message }) => /denied (the )?request/.test(message)],
  ["NamespaceTerminating", ({ details }) => hasCause(details, "NamespaceTerminating")],
  ["Quota", ({ code, message }) => code === 403 && / (exceeded|failed) quota: /.test(message)],
  ["Authorization", ({ code, message }) => code === 401 || / is forbidden: User "/.test(message)],
  ["Admission", ({ code }) => code === 403],
  ["NotFound", ({ code }) => code === 404],
  ["Invalid", () => true],
];

const hasCause = (details: ApiError["details"], wanted: string) =>
  details?.causes?.some(({ reason }) => reason === wanted) === true;

/** The object exists, or has changed, or the API server takes no more requests for now. */
const OTHER_CODES: ReadonlySet<number> = new Set([409, 429]);

/** Classifies an error by its code and by the API server's own sentences; undefined if it is no rejection. */
export function rejectionReason(error: ApiError): RejectionReason | undefined {
  const { code } = error;
  if (code < 400 || code >= 500 || OTHER_CODES.has(code)) return undefined;
  return REJECTIONS.find(([, matches]) => matches(error))?.[0];
}
