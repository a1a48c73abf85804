import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import type { KeyPair } from "./keyPair.ts";

/** The sockets of all servers, by the port of the client: below TLS, whose own sockets cannot be reset. */
const sockets = new Map<number, Socket>();

/** Resets the connection of a response, with TLS or without. */
export const reset = (response: ServerResponse) =>
  void sockets.get(Number(response.socket?.remotePort))?.resetAndDestroy();

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
  /** Answers for the requests to come, in order. One too many has the answer of `otherwise`. */
  answer(...answers: Answer[]): void;
  readonly requests: readonly SeenRequest[];
  /** How many TCP connections have come in. */
  readonly connections: number;
  readonly kubeConfig: KubeConfig;
  close(): Promise<void>;
}

export interface FakeServerOptions {
  /** Serves https, and its clients trust this certificate alone. Default: http. */
  readonly keyPair?: KeyPair;
  /** The answer to each request for which there is no other. Default: 501. */
  readonly otherwise?: Answer;
}

/**
 * An HTTP server that a test controls, for faults that a real API server does not show on demand. It contains no
 * Kubernetes logic: tests against a real API server check that the responses are correct.
 */
export async function startFakeServer({
  keyPair,
  otherwise = status({ code: 501, reason: "Unexpected" }),
}: FakeServerOptions = {}): Promise<FakeServer> {
  const answers: Answer[] = [];
  const requests: SeenRequest[] = [];
  let connections = 0;
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server = keyPair ? createTlsServer(keyPair, listener) : createServer(listener);
  async function serve(request: IncomingMessage, response: ServerResponse) {
    const seen = await see(request);
    requests.push(seen);
    const answer = answers.shift() ?? otherwise;
    answer(response, seen);
  }
  server.on("connection", (socket: Socket) => {
    connections += 1;
    const port = Number(socket.remotePort);
    sockets.set(port, socket);
    socket.once("close", () => sockets.delete(port));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    answer: (...next) => void answers.push(...next),
    requests,
    get connections() {
      return connections;
    },
    kubeConfig: keyPair
      ? kubeConfigFor(`https://127.0.0.1:${port}`, keyPair.cert)
      : kubeConfigFor(`http://127.0.0.1:${port}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Leads to a server whose CA is this PEM; left out: to one without TLS. */
export function kubeConfigFor(server: string, ca?: string): KubeConfig {
  const config = new KubeConfig();
  const trust =
    ca === undefined
      ? { skipTLSVerify: true }
      : { skipTLSVerify: false, caData: Buffer.from(ca).toString("base64") };
  config.loadFromClusterAndUser(
    { name: "fake", server, ...trust },
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
      .writeHead(code, {
        "content-type": "application/json",
        ...(retryAfter !== undefined && { "retry-after": retryAfter }),
      })
      .end(JSON.stringify({ kind: "Status", status: "Failure", code, reason, message }));

/** A list answer. */
export const list = (items: readonly unknown[], resourceVersion = "1", next = ""): Answer =>
  json({ kind: "List", metadata: { resourceVersion, continue: next }, items });

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
