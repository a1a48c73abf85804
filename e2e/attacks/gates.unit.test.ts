import { expect, it } from "vitest";
import { z } from "zod";

import { filledMetrics } from "../../operator/testing/filledMetrics.ts";
import { metricsGuard } from "../../operator/server/authorization.ts";
import { createEndpoints } from "../../operator/server/httpServer.ts";
import { createReviews } from "../../operator/server/reviews.ts";
import { bearer, flaggerCall, gateClient, testAfter } from "../../operator/testing/gateClient.ts";
import { createMemoryApi } from "../../operator/testing/memoryApi.ts";
import { withReviews } from "../../operator/testing/reviews.ts";
import { silentLog } from "../../operator/testing/silentLog.ts";
import { itStops } from "./attack.ts";
import { GATE_ATTACKS } from "./gateAttacks.ts";

const { gate, ask } = gateClient();

const OLD = "/gate/shop/net?maxAge=1h";
const secret = (text: string) => ({ headers: { "netverdict-secret": text } });
const guessed = flaggerCall({ metadata: { hook: "pre-rollout", test: "net", secret: "f".repeat(32) } });
const large = flaggerCall({ metadata: { hook: "pre-rollout", test: "net", secret: "x".repeat(20_000) } });

const messageSchema = z.object({ message: z.string() });
/** The status code, and the message of the body. */
function inWords({ status, body }: { readonly status: number; readonly body: unknown }): string {
  const message = typeof body === "string" ? body : (messageSchema.safeParse(body).data?.message ?? "");
  return `${status} ${message}`;
}

async function answer(path: string, init?: RequestInit, before = 0): Promise<string> {
  gate().put(testAfter("Passed"));
  for (let count = 0; count < before; count += 1) await ask(path, init);
  return inWords(await ask(path, init));
}

/** The server of the metrics, with NETVERDICT_METRICS_AUTHENTICATION. */
async function metrics(authorization?: string): Promise<string> {
  const { api } = withReviews(createMemoryApi(), { tenant: { username: "tenant", may: ["get shop/net"] } });
  const app = createEndpoints({
    alive: () => undefined,
    ready: () => undefined,
    metrics: filledMetrics(),
    protectMetrics: metricsGuard(
      createReviews(api, () => 0),
      silentLog(),
    ),
  });
  const headers = authorization === undefined ? {} : { authorization };
  const response = await app.request("/metrics", { headers });
  return inWords({ status: response.status, body: await response.json() });
}

const answers: Readonly<Record<keyof typeof GATE_ATTACKS.rows, () => Promise<string>>> = {
  anonymous: () => answer(OLD, {}),
  otherToken: () => answer(OLD, bearer("of-another-cluster")),
  otherTest: () => answer(OLD, bearer("other-token")),
  unknownTest: () => answer("/gate/shop/gone?maxAge=1h", bearer("other-token")),
  run: () => answer("/gate/shop/net?token=new", bearer("reader-token")),
  secret: () => answer(OLD, secret("f".repeat(32))),
  flaggerSecret: () => answer("/gate/flagger", guessed),
  shortSecret: () => answer(OLD, secret("short")),
  rollback: () => answer("/gate/flagger", flaggerCall({ metadata: { hook: "rollback", test: "net" } })),
  large: () => answer("/gate/flagger", large),
  otherPath: () => answer("/gate/shop/net/status"),
  often: () => answer(OLD, undefined, 120),
  report: () => answer("/report/shop", {}),
  otherReport: () => answer("/report/shop", bearer("reader-token")),
  wholeReport: () => answer("/report", bearer("lister-token")),
  browserPassword: () =>
    answer("/gate/shop/net?token=new", {
      headers: { authorization: `Basic ${Buffer.from("me:gate-token").toString("base64")}` },
    }),
  metrics: () => metrics(),
  metricsToken: () => metrics("Bearer tenant"),
};

itStops(GATE_ATTACKS, (key) => answers[key]());

it("a gate with all rights gets the verdict", async () => {
  expect(await answer(OLD)).toMatch(/^200 /);
});
