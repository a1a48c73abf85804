import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { gateVerdict, type GateVerdict } from "../status/gateVerdict.ts";
import { addRequest, type AddedRequest } from "./addRequest.ts";
import { gateCaller } from "./gateAccess.ts";
import { parseFlaggerRequest, parseGateRequest, type GateRequest } from "./gateQuestion.ts";
import { errorResponse, HttpError, publicError, rejectMethod } from "./httpError.ts";
import { createRateLimit, requireRate } from "./rateLimit.ts";
import { type ReportOptions, reportRoutes } from "./reportRoutes.ts";

const TEST_VERDICT = "/gate/:namespace/:name";
const FLAGGER = "/gate/flagger";
/** Requests in a minute from one address, and of one caller for one test: a gate asks every few seconds. */
const LIMITS = { address: 600, caller: 120 } as const;
/** Of the body of a webhook, in bytes: Flagger sends some hundreds. */
const MAX_BODY = 16_384;

export interface GateOptions extends ReportOptions {
  readonly api: Pick<Api, "get" | "update">;
  readonly tests: ReportOptions["tests"] & { get(key: string): ConnectivityTest | undefined };
  readonly log: Log;
}

/** The answer for a test. */
interface Answered {
  readonly subject: string;
  readonly answer: GateVerdict;
}

/**
 * The gate endpoint (docs/gates.md). `GET /gate/{namespace}/{name}` answers every verdict with 200 and JSON, as Argo Rollouts needs it;
 * `POST /gate/flagger` answers Passed with 200 and everything else with 409 and a sentence, as Flagger needs it. A request without
 * an answer gets an error, which no gate takes for a verdict. The same server has the HTML report.
 */
export function createGate(options: GateOptions): Hono {
  const { log } = options;
  const byAddress = createRateLimit(LIMITS.address, options.monotonic);
  const answer = createAnswer(options);
  const app = new Hono();

  app.use(async (context, next) => {
    // No proxy may repeat an answer, and no browser may take it for something else.
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
    requireRate(byAddress, getConnInfo(context).remote.address ?? "", "this address");
    await next();
  });
  app.get(TEST_VERDICT, async (context) => {
    const { namespace, name } = context.req.param();
    const request = parseGateRequest({
      namespace,
      name,
      query: context.req.queries(),
      secret: context.req.header("netverdict-secret"),
    });
    return context.json((await answer(context, request)).answer);
  });
  app.post(FLAGGER, bodyLimit({ maxSize: MAX_BODY, onError: rejectBody }), async (context) => {
    const { subject, answer: verdict } = await answer(context, parseFlaggerRequest(await bodyOf(context)));
    if (verdict.verdict === "Passed") return context.json(verdict);
    return context.text(`${subject}: ${verdict.verdict} (${verdict.reason}): ${verdict.message}.`, 409);
  });
  app.route("/report", reportRoutes(options));
  app.all(TEST_VERDICT, () => rejectMethod("GET"));
  app.all(FLAGGER, () => rejectMethod("POST"));
  app.notFound(({ req }) => {
    throw new HttpError(
      "NotFound",
      `${req.path}: there is no such path. Use /gate/NAMESPACE/NAME, /gate/flagger, /report or /report/NAMESPACE.`,
    );
  });
  app.onError((error, context) => {
    const known = publicError(error, log);
    // Flagger shows the body as the message of an event.
    return context.req.path === FLAGGER
      ? context.text(known.message, known.status, known.headers)
      : errorResponse(context, known);
  });
  return app;
}

/** Returns a function that authorizes a request and answers it from the caches. */
function createAnswer({ api, tests, unready, reviews, now, monotonic }: GateOptions) {
  const byCaller = createRateLimit(LIMITS.caller, monotonic);

  return async (context: Context, request: GateRequest): Promise<Answered> => {
    const problem = unready();
    if (problem !== undefined) throw new HttpError("NotReady", `the operator: ${problem}.`);
    const { namespace, name, question } = request;
    const subject = `ConnectivityTest ${namespace}/${name}`;
    const key = keyOf({ namespace, name });
    const authorization = context.req.header("authorization");
    const caller = await gateCaller(reviews, { request, authorization, test: tests.get(key) });
    requireRate(byCaller, `${caller.name} ${namespace}/${name}`, `${caller.name} for ${subject}`);
    // The reviews may have taken seconds.
    const test = tests.get(key);
    if (test === undefined || test.metadata.deletionTimestamp !== undefined) throw missing(subject);
    const { answer, request: token } = gateVerdict(test, question, now());
    if (token === undefined) return { subject, answer };
    await caller.requireRequest();
    const added = await orUnavailable(addRequest(api, test, token));
    if (added === "Gone") throw missing(subject);
    return { subject, answer: { ...answer, ...REQUESTED[added] } };
  };
}

const REQUESTED: Readonly<Record<Exclude<AddedRequest, "Gone">, Pick<GateVerdict, "reason" | "message">>> = {
  Added: { reason: "InProgress", message: "a run was requested with this token. Ask again" },
  Full: {
    reason: "Queued",
    message: "other tokens wait for a run, and there is no room for this one. Ask again",
  },
};

const missing = (subject: string) =>
  new HttpError("NotFound", `${subject}: it does not exist. Check the name and the namespace.`);

/** A token that could not be written is no verdict. */
async function orUnavailable<Result>(writing: Promise<Result>): Promise<Result> {
  return writing.catch((cause: unknown) => {
    const error = new HttpError(
      "NotReady",
      "the operator: the run could not be requested, because the API server did not accept it. Ask again.",
    );
    error.cause = cause;
    throw error;
  });
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    const body: unknown = await context.req.json();
    return body;
  } catch {
    throw new HttpError("BadRequest", "body: it is not JSON. Send what Flagger sends to a webhook.");
  }
}

function rejectBody(): never {
  throw new HttpError("BodyTooLarge", `body: it has more than ${MAX_BODY} bytes. Shorten the metadata.`);
}
