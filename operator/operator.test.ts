import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "./config.ts";
import { startOperator, STOPPING_MS, type Operator } from "./operator.ts";
import { realClock, type Clock } from "./runtime/clock.ts";
import { createMemoryApi, type MemoryApi, type Request } from "./testing/memoryApi.ts";
import { connectivityTest, expectation, pod } from "./testing/objects.ts";
import { serveMemoryApi, type ServedApi } from "./testing/serveMemoryApi.ts";
import { silentLog } from "./testing/silentLog.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/netverdict-system/leases";
const LEASE = `${LEASES}/netverdict`;
const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";

const deploymentSchema = z.object({
  spec: z.object({ template: z.object({ spec: z.object({ terminationGracePeriodSeconds: z.number() }) }) }),
});
const manifest = readFileSync(join(import.meta.dirname, "../manifests/deployment.yaml"), "utf8");
const GRACE_SECONDS = deploymentSchema.parse(parse(manifest)).spec.template.spec
  .terminationGracePeriodSeconds;

let memory: MemoryApi;
let served: ServedApi;
let operator: Operator | undefined;
let lost: number;
const log = silentLog();
const config = {
  ...readConfig({
    NETVERDICT_PROBE_IMAGE: "netverdict:1",
    POD_NAME: "operator-a",
    POD_NAMESPACE: "netverdict-system",
  }),
  port: 0,
};
/** The operator's time goes by ten times as fast; sockets, and the timers of the HTTP client, do not. */
const SPEED = 10;
const clock: Clock = {
  now: () => performance.now() * SPEED,
  sleep: (milliseconds, signal) => realClock.sleep(milliseconds / SPEED, signal),
  random: () => 0,
};

beforeEach(async () => {
  memory = createMemoryApi();
  served = await serveMemoryApi(memory);
  lost = 0;
  const { metadata, spec } = connectivityTest({
    spec: { expectations: [expectation({ to: { ip: "203.0.113.9" }, tcp: { port: 443 } })] },
  });
  memory.put(TEST, { metadata, spec });
  memory.put("/api/v1/namespaces/shop/pods/ui", pod("ui", { labels: { app: "ui" } }));
});
afterEach(async () => {
  memory.before = () => {};
  await ended(operator?.stop() ?? Promise.resolve());
  await served.close();
});

async function start() {
  operator = await startOperator({
    config,
    log,
    kubeConfig: served.kubeConfig,
    clock,
    onLost: () => (lost += 1),
  });
}

/** Lets so many seconds of the operator's time pass. */
const pass = (seconds: number) => clock.sleep(seconds * 1_000);

/** Waits for something, two minutes of the operator's time at most. */
async function until(check: () => void): Promise<void> {
  const began = clock.now();
  while (clock.now() - began < 120_000) {
    try {
      return check();
    } catch {
      await pass(0.1);
    }
  }
  check();
}

/** Resolves to how many seconds of the operator's time went by until the work ended. */
async function ended(work: Promise<void>): Promise<number> {
  const began = clock.now();
  let isOver = false;
  void work.then(() => (isOver = true));
  await until(() => expect(isOver).toBe(true));
  return (clock.now() - began) / 1_000;
}

const holder = () =>
  z.object({ holderIdentity: z.string() }).safeParse(memory.at(LEASE)[0]?.spec).data?.holderIdentity;
const lines = (verbs: readonly Request["verb"][]) =>
  memory.requests.filter(({ verb }) => verbs.includes(verb)).map(({ verb, path }) => `${verb} ${path}`);
const heldBy = (holderIdentity: string) => ({
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 3 },
});

describe("leading", () => {
  it("a replica fills its caches and writes nothing while another one leads, and takes over when that is gone", async () => {
    memory.put(LEASE, heldBy("operator-b"));
    await start();
    await until(() =>
      expect(lines(["watch"])).toContain("watch /apis/netverdict.dev/v1alpha1/connectivitytests"),
    );
    await until(() =>
      expect(lines(["get"]).filter((line) => line.endsWith(LEASE)).length).toBeGreaterThan(1),
    );
    expect(lines(["create", "update", "delete"])).toEqual([]);
    await until(() => expect(memory.at(RUNS)).toHaveLength(1));
    expect(holder()).toMatch(/^operator-a_/);
  });

  it("a change that comes while another one leads is not lost: it is reconciled when the replica leads", async () => {
    const [stored] = memory.at(TEST);
    memory.remove(TEST);
    memory.put(LEASE, heldBy("operator-b"));
    await start();
    await until(() =>
      expect(lines(["watch"])).toContain("watch /apis/netverdict.dev/v1alpha1/connectivitytests"),
    );
    memory.put(TEST, stored);
    await until(() => expect(memory.at(RUNS)).toHaveLength(1));
    expect(holder()).toMatch(/^operator-a_/);
  });

  it("the objects of a test that was deleted while there was no leader are deleted", async () => {
    const path = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns/shop.gone-abc";
    const spec = {
      test: { kind: "ConnectivityTest", name: "gone", uid: "uid-gone", namespace: "shop" },
      run: { id: "abc", trigger: "Schedule", generation: 1 },
      probing: {},
      expectations: [],
    };
    memory.put(path, { spec });
    await start();
    await until(() => expect(memory.at(path)).toEqual([]));
  });

  it("a leader whose lease another one has taken says so once", async () => {
    await start();
    await until(() => expect(holder()).toMatch(/^operator-a_/));
    memory.put(LEASE, heldBy("operator-b"));
    await until(() => expect(lost).toBe(1));
  });
});

describe("stopping", () => {
  it("waits for the reconciles that run, then releases the lease, then asks for nothing more", async () => {
    const held = Promise.withResolvers<void>();
    memory.before = ({ verb, path }) => (verb === "create" && path === RUNS ? held.promise : undefined);
    await start();
    await until(() => expect(lines(["create"])).toContain(`create ${RUNS}`));
    const stopping = operator?.stop() ?? Promise.resolve();
    await pass(1);
    expect(holder()).toMatch(/^operator-a_/);
    held.resolve();
    await ended(stopping);
    expect(holder()).toBe("");
    expect(lines(["create", "update", "delete"]).at(-1)).toBe(`update ${LEASE}`);
    const asked = memory.requests.length;
    memory.put(TEST, { ...memory.at(TEST)[0], metadata: { name: "net", labels: { changed: "yes" } } });
    await pass(10);
    expect(memory.requests).toHaveLength(asked);
  });

  it.each([
    ["while a reconcile waits for it", RUNS],
    ["while nothing runs", LEASE],
  ])("ends within the pod's grace period if the API server does not answer (%s)", async (_, path) => {
    memory.before = (request) => (request.path === path && request.verb !== "get" ? hang() : undefined);
    await start();
    await until(() => expect(memory.requests.some((request) => request.path === path)).toBe(true));
    memory.before = hang;
    expect(await ended(operator?.stop() ?? Promise.resolve())).toBeLessThan(GRACE_SECONDS);
  });

  it("leaves five seconds of what the pod is given", () => {
    expect(STOPPING_MS).toBeLessThanOrEqual((GRACE_SECONDS - 5) * 1_000);
  });
});

const hang = () => new Promise<void>(() => {});
