import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Fault, FaultPlace } from "./collectionServer.ts";
import { reset, status } from "./fakeServer.ts";

/** One fault of an API server, or of a proxy before it. */
export interface ServerFault {
  readonly sends: string;
  readonly at: readonly FaultPlace[];
  readonly fault: Fault;
  /** What follows a watch with this fault. Default: another watch from the last known version. */
  readonly relists?: true;
  /** It shows only when a timeout or megabytes have passed. */
  readonly isSlow?: true;
  /** It leaves nothing to log: a watch may end. */
  readonly isNormal?: true;
}

const pageSchema = z.looseObject({ metadata: z.looseObject({}).prefault({}) });
const JSON_TYPE = { "content-type": "application/json" };
const PAGE = "<html><body>secret gateway page</body></html>\n";
const BOTH = ["list", "watch"] as const;
const LISTS = ["list"] as const;
const WATCHES = ["watch"] as const;

const refuse =
  (code: number, retryAfter?: string): Fault =>
  (response, _, seen) =>
    status({ code, reason: "Fault", ...(retryAfter !== undefined && { retryAfter }) })(response, seen);
const sendText = (response: ServerResponse, text: string, headers: Record<string, string> = JSON_TYPE) =>
  void response.writeHead(200, headers).end(text);
const send =
  (body: unknown, code = 200): Fault =>
  (response) =>
    void response.writeHead(code, JSON_TYPE).end(`${JSON.stringify(body)}\n`);
const half = (text: string) => text.slice(0, Math.ceil(text.length / 2));
const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
const errorEvent = (code: number) => event("ERROR", { kind: "Status", status: "Failure", code });
/** A watch begins with the right events, and goes on with the text. */
const after =
  (line: string): Fault =>
  (response, text) =>
    sendText(response, text + line);

/** Every fault that the tests of the reflector cause, and the table of docs/api-server-faults.md. */
export const SERVER_FAULTS: readonly ServerFault[] = [
  {
    sends: "410 (the version or the continue token has expired)",
    at: BOTH,
    relists: true,
    fault: refuse(410),
  },
  { sends: "429 with `Retry-After: 1`", at: BOTH, fault: refuse(429, "1") },
  { sends: "429 with `Retry-After: 3600`", at: BOTH, fault: refuse(429, "3600") },
  { sends: "429 without `Retry-After`", at: BOTH, fault: refuse(429) },
  { sends: "401", at: BOTH, relists: true, fault: refuse(401) },
  { sends: "403", at: BOTH, relists: true, fault: refuse(403) },
  { sends: "500", at: BOTH, relists: true, fault: refuse(500) },
  {
    sends: "502, with a page of HTML",
    at: BOTH,
    fault: (response) => void response.writeHead(502).end(PAGE),
  },
  { sends: "503", at: BOTH, fault: refuse(503) },
  { sends: "503 with `Retry-After: 0`", at: BOTH, fault: refuse(503, "0") },
  { sends: "504", at: BOTH, relists: true, fault: refuse(504) },
  {
    sends: "503, whose body does not end",
    at: BOTH,
    isSlow: true,
    fault: (response) => void response.writeHead(503, JSON_TYPE).write("{"),
  },
  {
    sends: "a redirect",
    at: BOTH,
    fault: (response) => void response.writeHead(302, { location: "/login", ...JSON_TYPE }).end("{}\n"),
  },
  {
    sends: "200 with a page of HTML",
    at: BOTH,
    fault: (response) => sendText(response, PAGE, { "content-type": "text/html" }),
  },
  {
    sends: "200 with a page of HTML, declared as JSON",
    at: BOTH,
    fault: (response) => sendText(response, PAGE),
  },
  {
    sends: "200 with the Status of an error 500",
    at: BOTH,
    relists: true,
    fault: send({ kind: "Status", status: "Failure", code: 500 }),
  },
  { sends: "200 with another JSON object", at: BOTH, fault: send({ error: "no upstream" }) },
  {
    sends: "200 with a list that has no version",
    at: LISTS,
    fault: send({ kind: "List", metadata: {}, items: [] }),
  },
  { sends: "200 without a body", at: LISTS, fault: (response) => sendText(response, "") },
  { sends: "204", at: BOTH, fault: (response) => void response.writeHead(204).end() },
  {
    sends: "a reset instead of a response",
    at: BOTH,
    fault: (response) => reset(response),
  },
  {
    sends: "half of the response, then a reset",
    at: BOTH,
    fault(response, text) {
      response.writeHead(200, JSON_TYPE).write(half(text));
      setImmediate(() => reset(response));
    },
  },
  {
    sends: "half of the response, then the end of the connection",
    at: BOTH,
    fault(response, text) {
      response.writeHead(200, JSON_TYPE).write(half(text));
      setImmediate(() => response.socket?.end());
    },
  },
  {
    sends: "less than its `Content-Length`",
    at: BOTH,
    fault(response, text) {
      const length = String(text.length + 100);
      response.writeHead(200, { ...JSON_TYPE, "content-length": length }).write(text);
      setImmediate(() => response.socket?.end());
    },
  },
  {
    sends: "JSON that is cut off, with the right `Content-Length`",
    at: LISTS,
    fault: (response, text) => sendText(response, half(text)),
  },
  {
    sends: "nothing",
    at: BOTH,
    isSlow: true,
    fault: () => {},
  },
  {
    sends: "half of the response, then nothing",
    at: BOTH,
    isSlow: true,
    fault: (response, text) => void response.writeHead(200, JSON_TYPE).write(half(text) || " "),
  },
  {
    sends: "the same continue token again",
    at: LISTS,
    fault(response, text, { query }) {
      const { metadata, ...list } = pageSchema.parse(JSON.parse(text || "{}"));
      const token = query["continue"] ?? "again";
      sendText(
        response,
        JSON.stringify({ ...list, metadata: { resourceVersion: "1", ...metadata, continue: token } }),
      );
    },
  },
  { sends: "the end of the watch at once", at: WATCHES, isNormal: true, fault: after("") },
  {
    sends: "an event that is cut off, then the end",
    at: WATCHES,
    fault: after('{"type":"DELETED","object":{"meta'),
  },
  {
    sends: "an event without the end of its line, then the end",
    at: WATCHES,
    fault: after(event("BOOKMARK", {}).trim()),
  },
  { sends: "a line that is no event", at: WATCHES, fault: after("{}\n") },
  {
    sends: "a line that does not end",
    at: WATCHES,
    isSlow: true,
    fault(response, text) {
      response.writeHead(200, JSON_TYPE).write(text);
      const more = () => response.write("x".repeat(1 << 20), (error) => error ?? more());
      more();
    },
  },
  { sends: "an `ERROR` event of 410", at: WATCHES, relists: true, fault: after(errorEvent(410)) },
  { sends: "an `ERROR` event of 500", at: WATCHES, relists: true, fault: after(errorEvent(500)) },
  {
    sends: "a bookmark, then an `ERROR` event of 410",
    at: WATCHES,
    relists: true,
    fault: after(event("BOOKMARK", { metadata: { resourceVersion: "999999" } }) + errorEvent(410)),
  },
];
