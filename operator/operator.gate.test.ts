import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { connectivityTestSchema } from "../crds/connectivitytest.ts";
import { readConfig } from "./config.ts";
import { startOperator, type Operator } from "./operator.ts";
import { realClock, type Clock } from "./runtime/clock.ts";
import { endProbePods } from "./testing/kubelet.ts";
import { createMemoryApi, type MemoryApi } from "./testing/memoryApi.ts";
import { connectivityTest, expectation, pod } from "./testing/objects.ts";
import { withReviews } from "./testing/reviews.ts";
import { serveMemoryApi, type ServedApi } from "./testing/serveMemoryApi.ts";
import { silentLog } from "./testing/silentLog.ts";

/** The whole operator with the gate endpoint on, before an API server in memory. */

const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";
const GATE = {
  username: "gate",
  may: ["get shop/net", "patch shop/net", "get /metrics"],
};

let memory: MemoryApi;
let served: ServedApi;
let operators: Operator[];

beforeEach(async () => {
  memory = createMemoryApi();
  served = await serveMemoryApi(withReviews(memory, { "gate-token": GATE }));
  operators = [];
  const { metadata, spec } = connectivityTest({
    spec: { expectations: [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })] },
  });
  memory.put(TEST, { metadata, spec });
  memory.put("/api/v1/namespaces/shop/pods/ui", pod("ui", { labels: { app: "ui" } }));
});
afterEach(async () => {
  memory.before = () => {};
  await Promise.all(operators.map((operator) => operator.stop()));
  await served.close();
});

/** Goes five times slower, so that no replica loses the lease on a busy machine. */
const slow: Clock = {
  ...realClock,
  now: () => performance.now() / 5,
  sleep: (milliseconds, signal) => realClock.sleep(milliseconds * 5, signal),
};

async function start(name: string, clock = slow): Promise<Operator> {
  const config = readConfig({
    NETVERDICT_PROBE_IMAGE: "netverdict:1",
    NETVERDICT_GATE: "http",
    NETVERDICT_METRICS_AUTHENTICATION: "true",
    POD_NAME: name,
    POD_NAMESPACE: "netverdict-system",
  });
  const operator = await startOperator({
    config: { ...config, port: 0, gate: { ...config.gate, port: 0 } },
    log: silentLog(),
    kubeConfig: served.kubeConfig,
    clock,
    onLost: () => {},
  });
  operators.push(operator);
  return operator;
}

const verdictSchema = z.object({ verdict: z.string(), run: z.string().nullable() });
const headers = { authorization: "Bearer gate-token" };

/** Asks as Argo Rollouts does. */
async function ask({ ports }: Operator, query: string) {
  const response = await fetch(`http://127.0.0.1:${ports.gate}/gate/shop/net?${query}`, { headers });
  const body: unknown = await response.json();
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return verdictSchema.parse(body);
}

const until = <Result>(check: () => Promise<Result> | Result) =>
  vi.waitFor(check, { timeout: 30_000, interval: 500 });
const status = () => connectivityTestSchema.parse(memory.at(TEST)[0]).status;

/** Waits for the next run, and lets its probe pods end. */
async function probe() {
  await until(() => expect(endProbePods(memory, () => "CCC")).not.toEqual([]));
}

async function firstRun(operator: Operator) {
  await probe();
  await until(async () => expect(await ask(operator, "maxAge=1h")).toMatchObject({ verdict: "Passed" }));
}

describe("the gate endpoint of the operator", () => {
  it("starts one run for a token of two gates, asked at two replicas, and answers with the result of that run", async () => {
    const leader = await start("a");
    await firstRun(leader);
    const standby = await start("b");
    await until(async () => ask(standby, "maxAge=1h"));
    const before = status().run?.id;
    const asked = await Promise.all([ask(standby, "token=v1"), ask(leader, "token=v1")]);
    expect(asked.map(({ verdict }) => verdict)).toEqual(["Pending", "Pending"]);
    await probe();
    await until(async () => expect(await ask(leader, "token=v1")).toMatchObject({ verdict: "Passed" }));
    await until(async () => expect(await ask(standby, "token=v1")).toMatchObject({ verdict: "Passed" }));
    const { run } = await ask(standby, "token=v1");
    expect(run).not.toBe(before);
    expect(status().handledRequests).toMatchObject([{ token: "v1", run }]);
    expect(status()).not.toHaveProperty("pendingRequests");
    expect(connectivityTestSchema.parse(memory.at(TEST)[0]).metadata.annotations).toEqual({});
  });

  it("answers no gate before it has seen that a replica leads, and requests the run then", async () => {
    const leader = await start("a");
    await firstRun(leader);
    memory.before = ({ path }) => {
      if (path.includes("/leases")) throw new Error("no leases");
    };
    const standby = await start("b", realClock);
    const url = `http://127.0.0.1:${standby.ports.gate}/gate/shop/net?token=v2`;
    const response = await fetch(url, { headers });
    expect([response.status, await response.json()]).toMatchObject([503, { error: "NotReady" }]);
    memory.before = () => {};
    await until(async () => expect(await ask(standby, "token=v2")).toMatchObject({ verdict: "Pending" }));
    await until(() => expect(JSON.stringify(memory.at(RUNS))).toContain('"v2"'));
  });

  it("protects the metrics by the same users", async () => {
    const { ports } = await start("a");
    expect((await fetch(`http://127.0.0.1:${ports.http}/metrics`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${ports.http}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ports.http}/healthz`)).status).toBe(200);
  });
});
