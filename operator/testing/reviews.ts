import { z } from "zod";
import type { Api } from "../runtime/api.ts";
import { subjectAccessReviewsPath, tokenReviewsPath } from "../runtime/resourcePaths.ts";
import type { MemoryApi } from "./memoryApi.ts";

/** Users by their tokens: the name, and what they may do, such as `get shop/net`, `list shop/`, `list cluster:/` or `get /metrics`. */
export type ReviewedUsers = Readonly<
  Record<string, { readonly username: string; readonly may: readonly string[] }>
>;

const tokenReviewSchema = z.object({ spec: z.object({ token: z.string() }) });
const accessReviewSchema = z.object({
  spec: z.object({
    user: z.string(),
    resourceAttributes: z
      .object({
        group: z.literal("netverdict.dev"),
        resource: z.enum(["connectivitytests", "clusterconnectivitytests"]),
        verb: z.string(),
        namespace: z.string(),
        name: z.string(),
      })
      .optional(),
    nonResourceAttributes: z.object({ verb: z.string(), path: z.string() }).optional(),
  }),
});

/** The API server in memory with users: it answers reviews of tokens and of accesses, and stores neither. */
export function withReviews(memory: MemoryApi, users: ReviewedUsers): MemoryApi {
  async function answer(path: string, body: unknown): Promise<unknown> {
    await memory.before({ verb: "create", path, body });
    if (path === tokenReviewsPath()) {
      const user = users[tokenReviewSchema.parse(body).spec.token];
      // As the real one answers.
      return user
        ? { status: { authenticated: true, user: { username: user.username } } }
        : { status: { user: {}, error: "invalid bearer token" } };
    }
    const {
      user,
      resourceAttributes: object,
      nonResourceAttributes: url,
    } = accessReviewSchema.parse(body).spec;
    const kind = object?.resource === "clusterconnectivitytests" ? "cluster:" : "";
    const wanted = object
      ? `${object.verb} ${kind}${object.namespace}/${object.name}`
      : `${url?.verb ?? ""} ${url?.path ?? ""}`;
    const allowed = Object.values(users).some(
      ({ username, may }) => username === user && may.includes(wanted),
    );
    return { status: { allowed } };
  }

  const isReview = (path: string) => [tokenReviewsPath(), subjectAccessReviewsPath()].includes(path);
  const create: Api["create"] = async (path, body, options) =>
    isReview(path) ? answer(path, body) : memory.api.create(path, body, options);
  return { ...memory, api: { ...memory.api, create } };
}
