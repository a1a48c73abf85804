import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { ApiError } from "../runtime/apiError.ts";
import { kubeConfigFor } from "./fakeServer.ts";
import type { MemoryApi } from "./memoryApi.ts";

export interface ServedApi {
  readonly kubeConfig: KubeConfig;
  /** Breaks every connection. */
  close(): Promise<void>;
}

const deleteOptionsSchema = z
  .object({ preconditions: z.object({ uid: z.string().optional() }).optional() })
  .prefault({});

/** The API server in memory behind HTTP, so that the operator talks to it by its own client. */
export async function serveMemoryApi({ api }: MemoryApi): Promise<ServedApi> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname: path, searchParams } = new URL(request.url ?? "", "http://memory");
    const query = Object.fromEntries(searchParams);
    const body = await bodyOf(request);
    switch (request.method) {
      case "POST":
        return api.create(path, body);
      case "PUT":
        return api.update(path, body);
      case "PATCH":
        return change(path, body, request.headers["content-type"]);
      case "DELETE": {
        const uid = deleteOptionsSchema.parse(body).preconditions?.uid;
        return api.delete(path, uid === undefined ? {} : { uid });
      }
      default:
        return query["watch"] === "true" ? streamed(path, query, response) : read(path, query);
    }
  }

  const change = async (path: string, body: unknown, type = "") =>
    type === "application/apply-patch+yaml" ? api.apply(path, body, "any") : api.patch(path, body);

  async function read(path: string, { limit, ...query }: Record<string, string>): Promise<unknown> {
    if (limit === undefined) return api.get(path);
    const [page] = await Array.fromAsync(api.pages(path, query));
    return { metadata: { resourceVersion: page?.resourceVersion }, items: page?.items };
  }

  async function streamed(path: string, query: Record<string, string>, response: ServerResponse) {
    const closed = new AbortController();
    response.on("close", () => closed.abort());
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    const onEvent = (event: unknown) => void response.write(`${JSON.stringify(event)}\n`);
    await api.watch(path, query, { signal: closed.signal, onEvent }).catch(() => {});
    response.end();
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    try {
      const object = await answer(request, response);
      if (response.headersSent) return;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(object ?? {}));
    } catch (error) {
      const { code, reason } = error instanceof ApiError ? error : { code: 500, reason: "InternalError" };
      response.writeHead(code).end(JSON.stringify({ kind: "Status", code, reason, message: String(error) }));
    }
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    kubeConfig: kubeConfigFor(`http://127.0.0.1:${port}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks = await Array.fromAsync(request, (chunk) => z.instanceof(Buffer).parse(chunk));
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}
