import pLimit from "p-limit";
import type { Dispatcher } from "undici";
import { ApiError, errorFromAnswer, errorInBody } from "./apiError.ts";
import { type Clock, realClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { resourceOf } from "./resourcePaths.ts";
import type { DatedAnswer } from "./serverClock.ts";

const TIMEOUT_MS = 10_000;
/** Calls at once: enough for a full width of reconciles; more would only move the queue into the API server. */
export const MAX_CALLS = 32;
const ATTEMPTS = 4;
const MAX_RETRY_AFTER_S = 10;
/** A Status has a few hundred characters; a proxy's page may have any number of them. */
const MAX_ERROR_BODY = 65_536;

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "apply" | "delete";

const METHODS = {
  get: "GET",
  list: "GET",
  watch: "GET",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  apply: "PATCH",
  delete: "DELETE",
} as const satisfies Record<Verb, Dispatcher.HttpMethod>;

/** Of the body of a request, if it is not plain JSON. */
const CONTENT_TYPES: Partial<Record<Verb, string>> = {
  patch: "application/merge-patch+json", // RFC 7386
  apply: "application/apply-patch+yaml", // of which JSON is a subset
};

/** One request to the API server. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call fails, from the time when it is sent. Default 10 s. */
  readonly timeout?: number | undefined;
  /**
   * Whether the response has the metadata of the objects alone
   * (https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches).
   */
  readonly metadataOnly?: boolean | undefined;
}

/** One completed HTTP request; `code` is 0 if there was no response. */
export interface RequestObservation {
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
  readonly seconds: number;
}

export interface RestClientOptions {
  /** With a connection for each of `MAX_CALLS`. */
  readonly calls: Connection;
  /** With a connection for each watch, which holds it for minutes. */
  readonly watches: Connection;
  readonly observe: (request: RequestObservation) => void;
  /** Called when a response of JSON begins to arrive, with any status: another one is not the API server's. */
  readonly onAnswer: (answer: DatedAnswer) => void;
  /** Of waits between the attempts of a call. Default: the real clock's. */
  readonly sleep?: Clock["sleep"] | undefined;
  /** Milliseconds until a call fails that has no timeout of its own. Default 10 s. */
  readonly timeout?: number | undefined;
}

export interface StreamLimits {
  readonly signal: AbortSignal;
  /** Milliseconds without data until the stream counts as broken. */
  readonly inactivity: number;
}

export interface RestClient {
  /** Returns the JSON response of a call. Retries a few times if the server sends Retry-After and a retry is safe. */
  readonly json: (request: ApiRequest) => Promise<unknown>;
  /** Returns the bytes of an endless response. */
  readonly stream: (request: ApiRequest, limits: StreamLimits) => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Sends calls and watches, with timeouts, retries, errors and observation. Throws an `ApiError` for every error response.
 * At most 32 calls are sent at once; the others wait in the order in which they came.
 */
export function createRestClient(options: RestClientOptions): RestClient {
  const { calls, watches, observe, onAnswer, sleep = realClock.sleep, timeout: usual = TIMEOUT_MS } = options;
  const slots = pLimit(MAX_CALLS);

  /** Returns the body of a response; throws if it is an error, or not the API server's. */
  async function bodyOf({ statusCode, headers, body }: Dispatcher.ResponseData, asked: number) {
    const header = (name: string) => String(headers[name] ?? "");
    const isJson = /^application\/json\b/i.test(header("content-type"));
    const isSuccess = statusCode >= 200 && statusCode < 300;
    if (isJson) onAnswer({ date: header("date"), asked, answered: performance.now() });
    if (isJson && isSuccess) return body;
    const text = await errorBodyOf(body, usual);
    if (isSuccess) throw new Error("the response is not JSON, so it is not the API server's");
    throw errorFromAnswer(statusCode, text, header("retry-after"));
  }

  /** Returns the body of the response; throws for an error response. */
  async function send(request: ApiRequest, { signal, inactivity }: StreamLimits, connection = calls) {
    const started = performance.now();
    let code = 0;
    try {
      const answer = await connection.request({ ...httpRequestOf(request), signal, inactivity });
      code = answer.statusCode;
      return await bodyOf(answer, started);
    } finally {
      const seconds = (performance.now() - started) / 1_000;
      observe({ verb: request.verb, resource: resourceOf(request.path), code, seconds });
    }
  }

  async function jsonOnce(request: ApiRequest): Promise<unknown> {
    const { timeout = usual } = request;
    request.signal?.throwIfAborted();
    const expiry = AbortSignal.timeout(timeout);
    const signal = request.signal === undefined ? expiry : AbortSignal.any([expiry, request.signal]);
    try {
      const body = await send(request, { signal, inactivity: timeout });
      const parsed = parseResponse(await body.text());
      const error = errorInBody(parsed);
      if (error !== undefined) throw error;
      return parsed;
    } catch (error) {
      if (!expiry.aborted || error instanceof ApiError) throw error;
      throw new Error(`no response within ${timeout} ms`, { cause: error });
    }
  }

  return {
    async json(request) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await slots(() => jsonOnce(request));
        } catch (error) {
          const wait = attempt < ATTEMPTS ? retryDelay(error, request.verb) : undefined;
          if (wait === undefined) throw error;
          await sleep(wait, request.signal);
        }
      }
    },
    stream: (request, limits) => send(request, limits, watches),
  };
}

/** Parses a response. The error says nothing of the text: responses must not get into logs, events and statuses. */
export function parseResponse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("the response is not valid JSON");
  }
}

/** What has arrived of the body of an error within a time in milliseconds: its beginning, if it is long or breaks. */
async function errorBodyOf(body: Dispatcher.ResponseData["body"], timeout: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  body.on("error", () => {});
  const expiry = setTimeout(() => body.destroy(), timeout);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_ERROR_BODY) break;
    }
  } catch {
    // The code of the response says enough.
  } finally {
    clearTimeout(expiry);
  }
  return text;
}

/** The media type of a response: a list has a kind of its own, the events of a watch have that of one object. */
function acceptedBy({ verb, metadataOnly = false }: ApiRequest): string {
  const kind = verb === "list" ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  return metadataOnly ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : "application/json";
}

function httpRequestOf(request: ApiRequest) {
  const { verb, path, query = {}, body } = request;
  const search = new URLSearchParams(query).toString();
  return {
    method: METHODS[verb],
    path: search === "" ? path : `${path}?${search}`,
    headers: {
      accept: acceptedBy(request),
      "user-agent": "netverdict",
      "content-type": CONTENT_TYPES[verb] ?? "application/json",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

/**
 * Returns the milliseconds until another attempt; undefined if there must not be one. A 429 with `Retry-After` comes
 * from API priority and fairness, before the request was processed, so even a write is safe to repeat. Any other
 * failed write may have had an effect, so the caller decides.
 */
function retryDelay(error: unknown, verb: Verb): number | undefined {
  if (!(error instanceof ApiError) || error.retryAfter === undefined) return undefined;
  const isRead = METHODS[verb] === "GET";
  if (error.code !== 429 && !(isRead && error.code >= 500)) return undefined;
  return Math.min(error.retryAfter, MAX_RETRY_AFTER_S) * 1_000;
}
