import { createHash } from "node:crypto";
import { z } from "zod";
import type { Api } from "../runtime/api.ts";
import { subjectAccessReviewsPath, tokenReviewsPath } from "../runtime/resourcePaths.ts";
import { createExpiringCache } from "./expiringCache.ts";

/**
 * How long an answer of the API server counts: a right that was taken away still counts for 30 s, and one that was given counts after
 * 5 s at the latest.
 */
const LIFETIMES = { accepted: 30_000, rejected: 5_000 } as const;
const REVIEWS_KEPT = 2_000;
/** Below the 10 s for which gates wait for an answer. */
const REVIEW_TIMEOUT_MS = 3_000;

const callerSchema = z.object({
  username: z.string(),
  uid: z.string().optional(),
  groups: z.array(z.string()).default([]),
  extra: z.record(z.string(), z.array(z.string())).default({}),
});
/** A user of the API server. */
export type Caller = z.infer<typeof callerSchema>;

/** A token that is not accepted has an empty user. */
const tokenReviewSchema = z.object({
  status: z.object({ authenticated: z.boolean().default(false), user: z.unknown() }),
});
const accessReviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

/** What a caller wants to do, as in a SubjectAccessReview. */
export type Access =
  | {
      readonly resourceAttributes: {
        readonly group: string;
        readonly resource: string;
        readonly verb: string;
        readonly namespace: string;
        readonly name: string;
      };
    }
  | { readonly nonResourceAttributes: { readonly path: string; readonly verb: string } };

/** The API server's answers about callers. Both reject with ApiError, and if the API server does not respond. */
export interface Reviews {
  /** Returns the user of a bearer token; undefined: the API server does not accept the token. */
  callerOf(token: string): Promise<Caller | undefined>;
  /** Reports whether the user has the right. */
  isAllowed(caller: Caller, access: Access): Promise<boolean>;
}

/** Asks the API server, and keeps each answer for a short time. Tokens are kept as their digests. */
export function createReviews(api: Pick<Api, "create">, now: () => number): Reviews {
  const options = {
    lifetime: (answer: unknown) =>
      LIFETIMES[answer === undefined || answer === false ? "rejected" : "accepted"],
    limit: REVIEWS_KEPT,
    now,
  };
  const callers = createExpiringCache<Caller | undefined>(options);
  const accesses = createExpiringCache<boolean>(options);

  async function review<Answer>(path: string, body: object, schema: z.ZodType<Answer>): Promise<Answer> {
    return schema.parse(await api.create(path, body, { timeout: REVIEW_TIMEOUT_MS }));
  }

  return {
    callerOf: (token) =>
      callers.get(createHash("sha256").update(token).digest("base64"), async () => {
        const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
        const { status } = await review(tokenReviewsPath(), body, tokenReviewSchema);
        return status.authenticated ? callerSchema.parse(status.user) : undefined;
      }),
    isAllowed(caller, access) {
      const { username: user, ...identity } = caller;
      const spec = { user, ...identity, ...access };
      return accesses.get(JSON.stringify(spec), async () => {
        const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
        return (await review(subjectAccessReviewsPath(), body, accessReviewSchema)).status.allowed;
      });
    },
  };
}
