import { describe, expect, it } from "vitest";
import { filledMetrics } from "../testing/filledMetrics.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { rejection } from "../testing/rejection.ts";
import { withReviews } from "../testing/reviews.ts";
import { silentLog } from "../testing/silentLog.ts";
import { metricsGuard } from "./authorization.ts";
import { createEndpoints } from "./httpServer.ts";
import { createReviews } from "./reviews.ts";

const memory = createMemoryApi();
const { api } = withReviews(memory, {
  prometheus: { username: "prometheus", may: ["get /metrics"] },
  tenant: { username: "tenant", may: ["get shop/net"] },
});
const log = silentLog();
// No answer of the API server is kept.
let time = 0;
const reviews = createReviews(api, () => (time += 60_000));
const app = createEndpoints({
  alive: () => undefined,
  ready: () => undefined,
  metrics: filledMetrics(),
  protectMetrics: metricsGuard(reviews, log),
});
const ask = (path: string, authorization?: string) =>
  app.request(path, authorization === undefined ? {} : { headers: { authorization } });

interface Rejected {
  readonly who: string;
  readonly token?: string;
  readonly status: number;
  readonly message: string;
}

describe("protected metrics", () => {
  it("are for users who may get the path", async () => {
    const response = await ask("/metrics", "Bearer prometheus");
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("# TYPE netverdict_queue_depth gauge");
  });

  it.each<Rejected>([
    { who: "no token", status: 401, message: "Authorization: it is no bearer token." },
    { who: "an unknown token", token: "Bearer expired", status: 401, message: "does not accept the token" },
    {
      who: "a user without the right",
      token: "Bearer tenant",
      status: 403,
      message: "tenant: it may not get /metrics. Bind the ClusterRole netverdict-metrics to it.",
    },
  ])("are not for $who", async ({ token, status, message }) => {
    const response = await ask("/metrics", token);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) as unknown });
  });

  it("are for no user while the API server does not respond", async () => {
    memory.before = () => {
      throw rejection(500, "InternalError");
    };
    expect((await ask("/metrics", "Bearer prometheus")).status).toBe(503);
    expect(log.warn).toHaveBeenCalledOnce();
  });

  it("leave the checks of the kubelet open", async () => {
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/readyz")).status).toBe(200);
  });
});
