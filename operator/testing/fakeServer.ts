import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** How the next request is answered; the response is the test's to cut, stall or split. */
export type Answer = (response: ServerResponse, seen: SeenRequest) => void;

export interface FakeServer {
  /** Answers for the requests to come, in order. One too many is answered with 501. */
  answer(...answers: Answer[]): void;
  readonly requests: readonly SeenRequest[];
  /** How many TCP connections have come in. */
  readonly connections: number;
  readonly kubeConfig: KubeConfig;
  close(): Promise<void>;
}

/**
 * An HTTP server that a test controls, for faults that a real API server does not show on demand. It contains no
 * Kubernetes logic: tests against a real API server check that the responses are correct.
 */
export async function startFakeServer(): Promise<FakeServer> {
  const answers: Answer[] = [];
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  async function serve(request: IncomingMessage, response: ServerResponse) {
    const seen = await see(request);
    requests.push(seen);
    const answer = answers.shift() ?? status({ code: 501, reason: "Unexpected" });
    answer(response, seen);
  }
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    answer: (...next) => void answers.push(...next),
    requests,
    get connections() {
      return connections;
    },
    kubeConfig: kubeConfigFor(`http://127.0.0.1:${port}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Leads to a server without TLS. */
export function kubeConfigFor(server: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "fake", server, skipTLSVerify: true },
    { name: "tester", token: "secret-token" },
  );
  return config;
}

async function see(request: IncomingMessage): Promise<SeenRequest> {
  const chunks = await Array.fromAsync(request, (chunk) => z.instanceof(Buffer).parse(chunk));
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? "", "http://fake");
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** Answers with a JSON document. */
export const json =
  (body: unknown, code = 200): Answer =>
  (response) =>
    void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));

interface Refusal {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfter?: string;
}

/** Refuses with a Status object. */
export const status =
  ({ code, reason = "", message = "", retryAfter }: Refusal): Answer =>
  (response) =>
    void response
      .writeHead(code, { ...(retryAfter !== undefined && { "retry-after": retryAfter }) })
      .end(JSON.stringify({ kind: "Status", status: "Failure", code, reason, message }));

/** A list answer. */
export const list = (items: readonly unknown[], resourceVersion = "1", next = ""): Answer =>
  json({ metadata: { resourceVersion, continue: next }, items });

/** A watch that sends these chunks at once and then ends, breaks, or stays open. */
export const watch =
  (chunks: readonly (string | Uint8Array)[], end: "end" | "cut" | "open" = "end"): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    void (async () => {
      for (const chunk of chunks) {
        response.write(chunk);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      if (end === "end") response.end();
      if (end === "cut") response.socket?.resetAndDestroy();
    })();
  };

/** A line of a watch. */
export const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
