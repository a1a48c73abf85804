import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { CLUSTER_CONNECTIVITY_TEST, CONNECTIVITY_TEST, GROUP, type KindNames } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import { htmlPieces, PAGE_POLICY } from "../status/report/htmlReport.ts";
import { reportOf } from "../status/report/testReport.ts";
import { authenticated, BROWSER_SCHEME, requireAccess } from "./authorization.ts";
import { HttpError, rejectMethod } from "./httpError.ts";
import { createRateLimit, requireRate } from "./rateLimit.ts";
import type { Caller, Reviews } from "./reviews.ts";

const ALL_TESTS = "/";
const TESTS_OF_NAMESPACE = "/:namespace";
/** Requests in a minute of one caller, who reloads the page by hand. */
const CALLER_LIMIT = 30;
/** A large page costs half a second of work in many pieces, and keeps its results in memory until it has been read. */
const PAGES_AT_ONCE = 4;
const CHUNK_LENGTH = 65_536;

/** What a browser must not do with the page, also if the name of an object could say otherwise. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=UTF-8",
  "content-security-policy": `${PAGE_POLICY}; frame-ancestors 'none'`,
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

export interface ReportOptions {
  /** The tests of both kinds. */
  readonly tests: { values(): Iterable<ConnectivityTest> };
  /** Why no answer can be given now, as `<observation>. <action>`; undefined if one can. */
  readonly unready: () => string | undefined;
  readonly reviews: Reviews;
  /** By the API server's clock. */
  readonly now: () => Date;
  /** Monotonic milliseconds, for the limits of rates. */
  readonly monotonic: () => number;
}

/**
 * `GET /report` and `GET /report/{namespace}`: the HTML report of all tests, or of those of a namespace, as `netverdict report` writes it.
 * The caller needs the rights to list these tests (docs/gates.md).
 */
export function reportRoutes({ tests, unready, reviews, now, monotonic }: ReportOptions): Hono {
  const byCaller = createRateLimit(CALLER_LIMIT, monotonic);
  const places = createPlaces(PAGES_AT_ONCE);
  const app = new Hono();

  async function page(context: Context, namespace: string | undefined): Promise<Response> {
    const problem = unready();
    if (problem !== undefined) throw new HttpError("NotReady", `the operator: ${problem}.`);
    const caller = await authenticated(reviews, context.req.header("authorization"), BROWSER_SCHEME);
    await requireList(reviews, caller, namespace);
    requireRate(byCaller, caller.username, `${caller.username} for a report`);
    if (context.req.method === "HEAD") return context.body(null, 200, PAGE_HEADERS);
    const leave = places.enter();
    const selected = listedTests(tests.values(), namespace);
    return context.body(streamOf(chunks(selected, now()), leave), 200, PAGE_HEADERS);
  }

  app.use(compress());
  app.get(ALL_TESTS, async (context) => page(context, undefined));
  app.get(TESTS_OF_NAMESPACE, async (context) => page(context, context.req.param("namespace")));
  app.all(ALL_TESTS, () => rejectMethod("GET"));
  app.all(TESTS_OF_NAMESPACE, () => rejectMethod("GET"));
  return app;
}

/** The page in chunks of a size that a connection sends at once, written when the caller has read the one before. */
async function* chunks(tests: readonly ConnectivityTest[], now: Date): AsyncGenerator<Uint8Array, undefined> {
  const encoder = new TextEncoder();
  let chunk = "";
  for await (const piece of htmlPieces(await reportOf(tests, now))) {
    chunk += piece;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield encoder.encode(chunk);
    chunk = "";
  }
  yield encoder.encode(chunk);
  return undefined;
}

/** A stream of the chunks that calls `leave` when the caller has all of them, or has gone, perhaps before the first one. */
function streamOf(
  source: AsyncGenerator<Uint8Array, undefined>,
  leave: () => void,
): ReadableStream<Uint8Array> {
  async function pull(controller: ReadableStreamDefaultController<Uint8Array>) {
    try {
      const { value } = await source.next();
      if (value !== undefined) return controller.enqueue(value);
      leave();
      return controller.close();
    } catch (error) {
      leave();
      throw error;
    }
  }
  async function cancel() {
    leave();
    await source.return(undefined);
  }
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

/** The order of the API server's lists, which `netverdict report` has: those of namespaces first. */
function listedTests(all: Iterable<ConnectivityTest>, namespace: string | undefined): ConnectivityTest[] {
  const keyed = [...all]
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .map((test) => ({ test, isOfCluster: test.metadata.namespace === "", key: keyOf(test.metadata) }));
  return keyed
    .toSorted(
      (one, other) => Number(one.isOfCluster) - Number(other.isOfCluster) || (one.key < other.key ? -1 : 1),
    )
    .map(({ test }) => test);
}

async function requireList(reviews: Reviews, caller: Caller, namespace: string | undefined): Promise<void> {
  const place = namespace === undefined ? "all namespaces" : `namespace ${namespace}`;
  const remedy =
    namespace === undefined
      ? "Bind the ClusterRole netverdict-report to it, or use /report/NAMESPACE"
      : `Bind the ClusterRole view to it in ${place}`;
  const kinds: readonly KindNames[] =
    namespace === undefined ? [CONNECTIVITY_TEST, CLUSTER_CONNECTIVITY_TEST] : [CONNECTIVITY_TEST];
  for (const { plural: resource, kind } of kinds)
    await requireAccess(reviews, caller, {
      access: {
        resourceAttributes: { group: GROUP, resource, verb: "list", namespace: namespace ?? "", name: "" },
      },
      words: `list ${kind}s of ${place}`,
      remedy,
    });
}

/** So many callers at once; another one is rejected. */
function createPlaces(count: number) {
  const taken = new Set<object>();
  return {
    /** Returns a function that leaves the place. */
    enter(): () => void {
      if (taken.size >= count)
        throw new HttpError(
          "TooManyRequests",
          `the operator: it writes ${count} reports now. Try again in a few seconds.`,
          { "retry-after": "5" },
        );
      const place = {};
      taken.add(place);
      return () => void taken.delete(place);
    },
  };
}
