import { createServer as createPlainServer } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import { serve } from "@hono/node-server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { KeyPairFiles } from "./keyPair.ts";
import type { Metrics } from "./metrics.ts";

/** Returns the reason of a failure, or undefined if the check succeeds. */
export type HealthCheck = () => string | undefined;

export interface EndpointOptions {
  readonly alive: HealthCheck;
  readonly ready: HealthCheck;
  readonly metrics: Pick<Metrics, "expose">;
  /** Rejects who may not read the metrics. Default: everyone may. */
  readonly protectMetrics?: MiddlewareHandler | undefined;
}

/** `/healthz` and `/readyz` for the kubelet (200 or 503 with the reason), `/metrics` for Prometheus. */
export function createEndpoints({ alive, ready, metrics, protectMetrics }: EndpointOptions): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => report(context, alive()));
  app.get("/readyz", (context) => report(context, ready()));
  if (protectMetrics) app.use("/metrics", protectMetrics);
  app.get("/metrics", async (context) => {
    const { text, contentType } = await metrics.expose();
    return context.body(text, 200, { "content-type": contentType });
  });
  return app;
}

function report(context: Context, problem: string | undefined): Response {
  return problem === undefined ? context.text("ok\n") : context.text(`${problem}\n`, 503);
}

/** A request that has not arrived by then is dropped, in milliseconds. */
const REQUEST_MS = 10_000;
/** A connection on which nothing moves for so long is closed: its client reads no answer. */
const IDLE_MS = 30_000;

export interface ListenOptions {
  /** 0: any free port. */
  readonly port: number;
  /** If omitted: HTTP without TLS. */
  readonly keyPair?: KeyPairFiles | undefined;
  /** Default: 30 s. */
  readonly idle?: number;
}

export interface RunningServer {
  /** The actual port if 0 was requested. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on all addresses. Rejects if the port is in use, or the key pair cannot be used. */
export function listen(app: Hono, { port, keyPair, idle = IDLE_MS }: ListenOptions): Promise<RunningServer> {
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  return new Promise((resolve, reject) => {
    const onListening = ({ port: actual }: { readonly port: number }) => {
      if (keyPair && server instanceof SecureServer) keyPair.follow((pair) => server.setSecureContext(pair));
      resolve({
        port: actual,
        close: () =>
          new Promise((closed) => {
            keyPair?.stop();
            server.close(() => closed());
          }),
      });
    };
    const { fetch } = app;
    const server = keyPair
      ? serve(
          { fetch, port, createServer: createSecureServer, serverOptions: { ...limits, ...keyPair.read() } },
          onListening,
        )
      : serve({ fetch, port, createServer: createPlainServer, serverOptions: limits }, onListening);
    server.setTimeout(idle);
    server.once("error", reject);
  });
}
