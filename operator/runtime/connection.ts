import type { RequestOptions } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

type TlsSettings = ReturnType<typeof tlsOf>;

/** Below the idle limit of common load balancers (60 s) and of the API server (90 s). */
const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** One HTTP request, by a path below the cluster's address. */
export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Milliseconds without data until the response counts as broken. */
  readonly inactivity: number;
}

export interface Connection {
  /** Sends the request with the current credentials. */
  request(request: HttpRequest): Promise<Dispatcher.ResponseData>;
  /** Aborts all requests in progress and closes all sockets. */
  close(): Promise<void>;
}

/**
 * Connects to the cluster of a kubeconfig, with one pool of at most `connections` connections; null: as many as there are
 * concurrent requests. Credentials are read for each request (client-node caches a token file for a minute), so that rotated
 * tokens and CAs take effect. The pool is replaced only when the TLS settings change; the old pool closes after its last
 * request.
 */
export function createConnection(kubeConfig: KubeConfig, connections: number | null = null): Connection {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig has no current cluster");
  const server = new URL(cluster.server);
  const prefix = server.pathname.replace(/\/$/, "");
  let pool: { readonly tls: TlsSettings; readonly dispatcher: Dispatcher } | undefined;

  function dispatcherFor(tls: TlsSettings): Dispatcher {
    if (pool !== undefined && isDeepStrictEqual(pool.tls, tls)) return pool.dispatcher;
    void pool?.dispatcher.close();
    pool = { tls, dispatcher: createDispatcher(tls, { connections, proxy: cluster?.proxyUrl }) };
    return pool.dispatcher;
  }

  return {
    async request({ path, headers, inactivity, signal, ...rest }) {
      const credentials: RequestOptions = { headers: {} };
      await kubeConfig.applyToHTTPSOptions(credentials);
      signal.throwIfAborted();
      return dispatcherFor(tlsOf(credentials)).request({
        ...rest,
        origin: server.origin,
        path: `${prefix}${path}`,
        headers: { ...headers, ...requestHeaders(credentials) },
        signal,
        headersTimeout: inactivity,
        bodyTimeout: inactivity,
      });
    },
    close: async () => pool?.dispatcher.destroy(),
  };
}

function tlsOf({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions) {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  };
}

function requestHeaders({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  return { ...Object.fromEntries(given), ...basic };
}

/**
 * HTTP/1.1 on purpose: a request that times out closes its socket. A dead HTTP/2 connection would block every later
 * request until the kernel closes it after minutes.
 */
function createDispatcher(
  tls: TlsSettings,
  { connections, proxy }: { readonly connections: number | null; readonly proxy: string | undefined },
): Dispatcher {
  const shared = { connections, keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false };
  if (proxy !== undefined) return new ProxyAgent({ ...shared, uri: proxy, requestTls: tls });
  return new Agent({ ...shared, connect: { ...tls, timeout: CONNECT_TIMEOUT_MS } });
}
