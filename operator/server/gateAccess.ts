import { createHash, timingSafeEqual } from "node:crypto";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { CONNECTIVITY_TEST, GATE_SECRET, GROUP } from "../../crds/group.ts";
import { authenticated, requireAccess } from "./authorization.ts";
import type { GateRequest } from "./gateQuestion.ts";
import { HttpError } from "./httpError.ts";
import type { Caller, Reviews } from "./reviews.ts";

/** A caller that may read the verdict of the test that it has asked for. */
export interface GateCaller {
  /** For the limits of rates. */
  readonly name: string;
  /** Throws HttpError unless the caller may request runs of the test. */
  requireRequest(): Promise<void>;
}

interface AccessAttempt {
  readonly request: GateRequest;
  /** The header `Authorization`; undefined if there is none. */
  readonly authorization: string | undefined;
  readonly test: ConnectivityTest | undefined;
}

/**
 * Returns the caller of a gate: the user of a bearer token with the right to get the test, or a gate with a secret of the test. The right to
 * request a run is that to patch the test, as with the annotation. A test that is missing is the same as a wrong secret. Throws
 * HttpError.
 */
export async function gateCaller(reviews: Reviews, attempt: AccessAttempt): Promise<GateCaller> {
  const { request, authorization, test } = attempt;
  if (authorization !== undefined) {
    const caller = await authenticated(reviews, authorization);
    await requireVerb(reviews, caller, { request, verb: "get" });
    return {
      name: caller.username,
      requireRequest: async () => requireVerb(reviews, caller, { request, verb: "patch" }),
    };
  }
  if (request.secret === undefined)
    throw new HttpError(
      "Unauthorized",
      "the request: it has no credentials. Send Authorization: Bearer TOKEN, or the secret of the gate.",
      { "www-authenticate": "Bearer" },
    );
  if (!hasSecret(test, request.secret))
    throw new HttpError(
      "Unauthorized",
      `ConnectivityTest ${request.namespace}/${request.name}: it does not exist, or does not accept this secret. Compare the annotation ${GATE_SECRET}.`,
    );
  // Only users who may request runs can write the annotation.
  return { name: "secret", requireRequest: async () => {} };
}

async function requireVerb(
  reviews: Reviews,
  caller: Caller,
  { request: { namespace, name }, verb }: { readonly request: GateRequest; readonly verb: "get" | "patch" },
): Promise<void> {
  const { plural: resource, kind } = CONNECTIVITY_TEST;
  await requireAccess(reviews, caller, {
    access: { resourceAttributes: { group: GROUP, resource, verb, namespace, name } },
    words: `${verb} ${kind} ${namespace}/${name}`,
    remedy: `Bind the ClusterRole netverdict-gate to it in namespace ${namespace}`,
  });
}

const DIGEST = /^[0-9a-f]{64}$/i;

/** Compares digests in constant time. */
function hasSecret(test: ConnectivityTest | undefined, secret: string): boolean {
  const digests = (test?.metadata.annotations[GATE_SECRET] ?? "").split(",").map((text) => text.trim());
  const own = createHash("sha256").update(secret).digest();
  const matches = digests
    .filter((digest) => DIGEST.test(digest))
    .map((digest) => timingSafeEqual(Buffer.from(digest, "hex"), own));
  return matches.includes(true);
}
