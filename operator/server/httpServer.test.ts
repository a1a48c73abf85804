import { describe, expect, it } from "vitest";
import { filledMetrics } from "../testing/filledMetrics.ts";
import { createEndpoints, type EndpointOptions, listen } from "./httpServer.ts";

const well: EndpointOptions = { alive: () => undefined, ready: () => undefined, metrics: filledMetrics() };

describe("the endpoint", () => {
  it.each<{ path: string; state: string; options: Partial<EndpointOptions>; answer: [number, string] }>([
    { path: "/healthz", state: "all is well", options: {}, answer: [200, "ok\n"] },
    { path: "/healthz", state: "it is stuck", options: { alive: () => "stuck" }, answer: [503, "stuck\n"] },
    {
      path: "/healthz",
      state: "it is not ready",
      options: { ready: () => "not synced" },
      answer: [200, "ok\n"],
    },
    { path: "/readyz", state: "all is well", options: {}, answer: [200, "ok\n"] },
    {
      path: "/readyz",
      state: "it is not ready",
      options: { ready: () => "not synced" },
      answer: [503, "not synced\n"],
    },
    { path: "/elsewhere", state: "all is well", options: {}, answer: [404, "404 Not Found"] },
  ])("$path answers $answer.0 when $state", async ({ path, options, answer }) => {
    const response = await createEndpoints({ ...well, ...options }).request(path);
    expect([response.status, await response.text()]).toEqual(answer);
  });

  it("/metrics answers in the format of Prometheus", async () => {
    const response = await createEndpoints(well).request("/metrics");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    expect(await response.text()).toContain("# TYPE netverdict_queue_depth gauge");
  });
});

it("listens until closed, and rejects if the port is taken", async () => {
  const server = await listen(createEndpoints(well), { port: 0 });
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
  expect(response.status).toBe(200);
  await expect(listen(createEndpoints(well), { port: server.port })).rejects.toThrow("EADDRINUSE");
  await server.close();
  await expect(fetch(`http://127.0.0.1:${server.port}/healthz`)).rejects.toThrow("fetch failed");
});
