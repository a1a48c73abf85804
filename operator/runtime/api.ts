import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { errorFromEvent, errorInBody } from "./apiError.ts";
import type { Clock } from "./clock.ts";
import { createConnection } from "./connection.ts";
import { resourceOf } from "./resourcePaths.ts";
import {
  createRestClient,
  MAX_CALLS,
  parseResponse,
  type ApiRequest,
  type RequestObservation,
  type RestClientOptions,
} from "./restClient.ts";
import { mapInTurns } from "./turns.ts";

/** Slightly longer than the interval of bookmarks, which is about a minute. */
const WATCH_INACTIVITY_MS = 90_000;
/**
 * Objects in a page, by their resource: no more than come to a few megabytes of JSON, since a page is in memory as a whole,
 * and nothing else runs while it is parsed. A ProbeRun of 256 paths has up to 250 KB, a test's status up to 256 KiB, a node
 * lists 50 images; most objects have a few kilobytes.
 */
const PAGE_SIZES: Readonly<Record<string, number>> = {
  proberuns: 25,
  connectivitytests: 25,
  clusterconnectivitytests: 25,
  nodes: 50,
  endpointslices: 100,
};
const PAGE_SIZE = 250;
/** Characters of a line of a watch: many times the size of the largest object that etcd stores. */
const MAX_LINE = 8 << 20;
const FIELD_MANAGER = "netverdict";

export type ApiRequestOptions = Pick<ApiRequest, "signal" | "timeout" | "metadataOnly">;
export type Query = Readonly<Record<string, string>>;

export interface DeleteOptions extends ApiRequestOptions {
  /** Deletes only the object with this UID; another object of the same name is a conflict. */
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
}

export interface Page {
  readonly items: readonly unknown[];
  /** The resourceVersion of the whole list, from which a watch continues. */
  readonly resourceVersion: string;
}

const watchEventSchema = z.object({ type: z.string(), object: z.unknown() });
export type WatchEvent = z.infer<typeof watchEventSchema>;

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
  /** Milliseconds without data until the watch counts as broken. Default 90 s. */
  readonly inactivity?: number | undefined;
  /** Whether the events have the metadata of the objects alone. */
  readonly metadataOnly?: boolean | undefined;
}

/**
 * The API server, as raw JSON (docs/decisions/0001-raw-json-requests.md). Every call throws an `ApiError` if the
 * server rejects it. If the server sends Retry-After, a call is retried a few times: a 429 always, other errors only
 * for reads.
 */
export interface Api {
  get(path: string, options?: ApiRequestOptions): Promise<unknown>;
  /** Returns the result of `parse` for all objects of a collection, read in pages. Only one page is in memory at a time. */
  list<T>(path: string, parse: (raw: unknown) => T, query?: Query): Promise<T[]>;
  /** Returns the objects page by page; the timeout applies to each page. */
  pages(path: string, query?: Query, options?: ApiRequestOptions): AsyncGenerator<Page>;
  create(path: string, body: unknown, options?: ApiRequestOptions): Promise<unknown>;
  /** Replaces the object; a conflict if `body.metadata.resourceVersion` is not the newest. */
  update(path: string, body: unknown, options?: ApiRequestOptions): Promise<unknown>;
  /** Replaces the fields that `body` has (a JSON merge patch); a conflict if `body.metadata` has another UID. */
  patch(path: string, body: unknown, options?: ApiRequestOptions): Promise<unknown>;
  /**
   * Creates the object, or replaces the fields that this field manager has applied before. The server rejects unknown fields.
   * A conflict if another field manager has set one of the fields to another value
   * (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
   */
  apply(path: string, body: unknown, fieldManager: string): Promise<unknown>;
  delete(path: string, options?: DeleteOptions): Promise<void>;
  /**
   * Resolves when the server ends the watch. Rejects if the connection breaks, at an `ERROR` event, and when the
   * signal aborts.
   */
  watch(path: string, query: Query, options: WatchOptions): Promise<void>;
  /** Aborts all requests in progress and closes all connections. */
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly kubeConfig: KubeConfig;
  /** Called after each HTTP request. */
  readonly observe?: (request: RequestObservation) => void;
  readonly onAnswer?: RestClientOptions["onAnswer"];
  /** Of waits between the attempts of a call. Default: the real clock's. */
  readonly sleep?: Clock["sleep"];
  /** Milliseconds until a call fails that has no timeout of its own. Default 10 s. */
  readonly timeout?: number;
}

/** Strict, because what is not a list must not count as an empty one. An API server writes no objects as null or []. */
const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().default("") }),
  items: z.array(z.unknown()).nullable(),
});

/** Connects to the current cluster of the kubeconfig. The first call opens the first connection. */
export function createApi({
  kubeConfig,
  observe = () => {},
  onAnswer = () => {},
  sleep,
  timeout,
}: ApiOptions): Api {
  const calls = createConnection(kubeConfig, MAX_CALLS);
  const watches = createConnection(kubeConfig);
  const { json, stream } = createRestClient({ calls, watches, observe, onAnswer, sleep, timeout });
  const query = { fieldManager: FIELD_MANAGER };

  async function* pages(
    path: string,
    filter: Query = {},
    options: ApiRequestOptions = {},
  ): AsyncGenerator<Page> {
    const limit = String(pageSizeOf(path));
    let token = "";
    do {
      const page = { ...filter, limit, ...(token !== "" && { continue: token }) };
      const { data } = listSchema.safeParse(await json({ verb: "list", path, query: page, ...options }));
      if (data === undefined) throw new Error("the response is not a list");
      const { metadata, items } = data;
      if (token !== "" && metadata.continue === token) throw new Error("the list does not end");
      yield { items: items ?? [], resourceVersion: metadata.resourceVersion };
      token = metadata.continue;
    } while (token !== "");
  }

  return {
    get: (path, options) => json({ verb: "get", path, ...options }),
    pages,
    list: (path, parse, filter) => parsePages(pages(path, filter), parse),
    create: (path, body, options) => json({ verb: "create", path, query, body, ...options }),
    update: (path, body, options) => json({ verb: "update", path, query, body, ...options }),
    patch: (path, body, options) => json({ verb: "patch", path, query, body, ...options }),
    apply: (path, body, fieldManager) =>
      json({ verb: "apply", path, query: { fieldManager, fieldValidation: "Strict" }, body }),
    async delete(path, { uid, gracePeriodSeconds, ...options } = {}) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        ...(uid !== undefined && { preconditions: { uid } }),
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      };
      await json({ verb: "delete", path, body, ...options });
    },
    async watch(path, filter, { signal, onEvent, inactivity = WATCH_INACTIVITY_MS, metadataOnly }) {
      const bytes = await stream(
        { verb: "watch", path, query: { ...filter, watch: "true" }, metadataOnly },
        { signal, inactivity },
      );
      for await (const line of linesOf(bytes)) {
        signal.throwIfAborted();
        const event = eventOf(line);
        if (event.type === "ERROR") throw errorFromEvent(event.object);
        onEvent(event);
      }
    },
    close: async () => void (await Promise.all([calls.close(), watches.close()])),
  };
}

/** What `parse` makes of all objects: of each page before the next one is asked for. */
export async function parsePages<T>(pages: AsyncIterable<Page>, parse: (raw: unknown) => T): Promise<T[]> {
  const parsed: T[] = [];
  for await (const { items } of pages) parsed.push(...(await mapInTurns(items, parse)));
  return parsed;
}

/** How many objects of a collection one request asks for. */
export function pageSizeOf(path: string): number {
  return PAGE_SIZES[resourceOf(path)] ?? PAGE_SIZE;
}

function eventOf(line: string): WatchEvent {
  const parsed = parseResponse(line);
  const { data } = watchEventSchema.safeParse(parsed);
  if (data === undefined) throw errorInBody(parsed) ?? new Error("the response is not a watch");
  return data;
}

/**
 * Yields the lines of a byte stream, independent of its chunks. Throws for a last line without a line end, because it is
 * incomplete.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    const lines = text.includes("\n") ? (rest + text).split("\n") : [rest + text];
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error("a line of the watch does not end");
    yield* lines;
  }
  if (rest !== "") throw new Error("the watch ended within a line");
}
