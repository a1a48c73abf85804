import type { Api } from "../runtime/api.ts";
import type { Clock } from "../runtime/clock.ts";
import { metricsGuard } from "./authorization.ts";
import { createGate, type GateOptions } from "./gate.ts";
import { createEndpoints, listen, type EndpointOptions } from "./httpServer.ts";
import { createKeyPairFiles } from "./keyPair.ts";
import { createReviews } from "./reviews.ts";

export interface ServerSettings {
  /** Of health and metrics; 0: any free port. */
  readonly port: number;
  readonly authenticateMetrics: boolean;
  readonly gate: {
    readonly mode: "off" | "https" | "http";
    readonly port: number;
    /** The folder with `tls.crt` and `tls.key`. */
    readonly certificate: string;
  };
}

export interface ServersOptions
  extends Omit<EndpointOptions, "protectMetrics">, Omit<GateOptions, "reviews" | "monotonic"> {
  readonly settings: ServerSettings;
  readonly api: Pick<Api, "get" | "create" | "update">;
  readonly clock: Clock;
}

/** The ports on which the operator listens. */
export interface ServerPorts {
  readonly http: number;
  /** Omitted if the gate endpoint is off. */
  readonly gate?: number;
}

export interface Servers {
  readonly ports: ServerPorts;
  close(): Promise<void>;
}

/**
 * Starts the server of health and metrics, and that of gates unless it is off. Rejects if a port is in use, and if the certificate
 * cannot be used.
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { settings, api, log, clock } = options;
  const reviews = createReviews(api, clock.now);
  const protectMetrics = settings.authenticateMetrics ? metricsGuard(reviews, log) : undefined;
  const main = await listen(createEndpoints({ ...options, protectMetrics }), { port: settings.port });
  const { mode, port, certificate } = settings.gate;
  if (mode === "off") return { ports: { http: main.port }, close: async () => main.close() };
  const keyPair = mode === "https" ? createKeyPairFiles(certificate, log, clock) : undefined;
  const app = createGate({ ...options, reviews, monotonic: clock.now });
  const gate = await listen(app, { port, keyPair });
  if (mode === "http")
    log.warn("the gate endpoint has no TLS, so tokens and secrets are not encrypted", { port });
  return {
    ports: { http: main.port, gate: gate.port },
    close: async () => void (await Promise.all([main.close(), gate.close()])),
  };
}
