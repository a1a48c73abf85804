import { z } from "zod";
import { parseDuration } from "../../crds/duration.ts";
import type { GateQuestion } from "../status/gateVerdict.ts";
import { HttpError } from "./httpError.ts";

/** A request of a gate, parsed. */
export interface GateRequest {
  /** Of the ConnectivityTest. */
  readonly namespace: string;
  readonly name: string;
  readonly question: GateQuestion;
  /** The shared secret of the gate, if it sends one. */
  readonly secret?: string | undefined;
}

/** As the API server checks the names of objects, and at most as long. */
const objectName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "must be the name of an object, such as web");

/** In a URL without escapes, and with room for the operator's own suffix below the 256 characters of a token. */
const requestToken = z
  .string()
  .regex(
    /^[A-Za-z0-9._:/@-]{1,200}$/,
    "must have 1 to 200 characters of A-Z a-z 0-9 . _ : / @ -. Use the hash of the pod template or a revision",
  );

const AGE_BOUNDS = { least: 10_000, most: 720 * 3_600_000 } as const;
const maximumAge = z.string().transform((text, context) => {
  const value = parseDuration(text);
  if (value !== undefined && value >= AGE_BOUNDS.least && value <= AGE_BOUNDS.most) return value;
  context.addIssue("must be a duration from 10s to 720h, such as 90s or 1m30s");
  return z.NEVER;
});

/** Short ones could be guessed from the digest, which many users may read. */
const sharedSecret = z
  .string()
  .regex(
    /^[\x21-\x7e]{32,256}$/,
    "must have 32 to 256 characters without spaces, as openssl rand -hex 32 writes it",
  );

const once = <Output>(schema: z.ZodType<Output, string>) =>
  z
    .array(z.string())
    .max(1, "may be given only once")
    .transform(([value = ""]) => value)
    .pipe(schema);

const querySchema = z
  .strictObject({ token: once(requestToken).optional(), maxAge: once(maximumAge).optional() })
  .refine((query) => query.token !== undefined || query.maxAge !== undefined, {
    message: "must have token, which requests a run, or maxAge, with which the last verdict counts",
  });

interface Asked {
  readonly namespace: string;
  readonly name: string;
  /** Every value of each parameter. */
  readonly query: Readonly<Record<string, string[]>>;
  readonly secret?: string | undefined;
}

/** Parses `GET /gate/{namespace}/{name}?token=…&maxAge=…`. Throws HttpError. */
export function parseGateRequest({ query, secret, ...place }: Asked): GateRequest {
  return {
    ...parsedBy(z.object({ namespace: objectName, name: objectName }), place, "path"),
    question: parsedBy(querySchema, query, "query"),
    secret: parsedBy(sharedSecret.optional(), secret, "header Netverdict-Secret"),
  };
}

/**
 * The types of the webhooks by which Flagger asks whether to go on (https://docs.flagger.app/usage/webhooks). In a rollback hook, 200
 * would start a rollback. Flagger does not send the type, and its `phase` is that of the Canary, so the metadata must name it.
 */
const GATED_HOOKS = [
  "confirm-rollout",
  "pre-rollout",
  "rollout",
  "confirm-traffic-increase",
  "confirm-promotion",
] as const;

/** How old a result may be for Flagger, whose checksum is the same when the same version is tried again. */
const FLAGGER_MAX_AGE = "5m";

const flaggerSchema = z.object({
  name: objectName.max(128, "must have at most 128 characters"),
  namespace: objectName,
  checksum: z.string().regex(/^[A-Za-z0-9]{0,64}$/, "must be Flagger's checksum"),
  metadata: z.strictObject({
    hook: z.enum(GATED_HOOKS, {
      error: `must be the type of the webhook, one of ${GATED_HOOKS.join(", ")}. Use no verdict in other hooks: in rollback, 200 would start a rollback`,
    }),
    test: objectName,
    maxAge: z.string().default(FLAGGER_MAX_AGE).pipe(maximumAge),
    secret: sharedSecret.optional(),
  }),
});

/**
 * Parses the body of a webhook of Flagger. Its token is made of the name, the hook and the checksum: at confirm-rollout the checksum is
 * still that of the version before, so each hook has a run of its own. Throws HttpError.
 */
export function parseFlaggerRequest(body: unknown): GateRequest {
  const canary = parsedBy(flaggerSchema, body, "body");
  const { hook, test, secret, maxAge } = canary.metadata;
  return {
    namespace: canary.namespace,
    name: test,
    question: { token: `flagger/${canary.name}/${hook}/${canary.checksum}`, maxAge },
    secret,
  };
}

function parsedBy<Output>(schema: z.ZodType<Output>, value: unknown, what: string): Output {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new HttpError("BadRequest", firstProblem(parsed.error, what));
  return parsed.data;
}

/** `query token: must be given once.` */
function firstProblem({ issues: [issue] }: z.ZodError, what: string): string {
  if (issue === undefined) return `${what}: it is invalid.`;
  const place = [what, ...issue.path.filter((part) => typeof part === "string")].join(" ");
  if (issue.code === "unrecognized_keys")
    return `${place}: ${issue.keys.join(", ")} is unknown. Check its spelling.`;
  return `${place}: ${issue.message.replace(/\.$/, "")}.`;
}
