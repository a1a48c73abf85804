import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Metrics } from "./metrics.ts";

/** Returns the reason of a failure, or undefined if the check succeeds. */
export type HealthCheck = () => string | undefined;

export interface EndpointOptions {
  readonly alive: HealthCheck;
  readonly ready: HealthCheck;
  readonly metrics: Pick<Metrics, "expose">;
}

/** `/healthz` and `/readyz` for the kubelet (200 or 503 with the reason), `/metrics` for Prometheus. */
export function createEndpoints({ alive, ready, metrics }: EndpointOptions): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => report(context, alive()));
  app.get("/readyz", (context) => report(context, ready()));
  app.get("/metrics", async (context) => {
    const { text, contentType } = await metrics.expose();
    return context.body(text, 200, { "content-type": contentType });
  });
  return app;
}

function report(context: Context, problem: string | undefined): Response {
  return problem === undefined ? context.text("ok\n") : context.text(`${problem}\n`, 503);
}

export interface RunningServer {
  /** The actual port if 0 was requested. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on all addresses. Rejects if the port is in use. */
export function listen(app: Hono, port: number): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port }, (address) =>
      resolve({
        port: address.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
          }),
      }),
    );
    server.once("error", reject);
  });
}
