import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "./config.ts";
import { startOperator, STOPPING_MS, type Operator } from "./operator.ts";
import { createMemoryApi, type MemoryApi, type Request } from "./testing/memoryApi.ts";
import { connectivityTest, expectation, pod } from "./testing/objects.ts";
import { serveMemoryApi, type ServedApi } from "./testing/serveMemoryApi.ts";
import { silentLog } from "./testing/silentLog.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/netverdict-system/leases";
const LEASE = `${LEASES}/netverdict`;
const TEST = "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/net";
const RUNS = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns";

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
const realSetTimeout = globalThis.setTimeout;

beforeEach(async () => {
  // The operator's own waits alone: sockets go on in real time.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
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
  vi.useRealTimers();
});

async function start() {
  operator = await startOperator({ config, log, kubeConfig: served.kubeConfig, onLost: () => (lost += 1) });
}

/** Lets the operator's time pass, in steps that leave the sockets time to deliver. */
async function pass(seconds: number) {
  for (let step = 0; step < seconds * 4; step += 1) {
    await new Promise((resolve) => {
      realSetTimeout(resolve, 5);
    });
    await vi.advanceTimersByTimeAsync(250);
  }
}

/** Waits for something while the operator's time passes, two minutes of it at most. */
async function until(check: () => void): Promise<void> {
  for (let tries = 0; tries < 480; tries += 1) {
    try {
      return check();
    } catch {
      await pass(0.25);
    }
  }
  check();
}

/** Resolves to how many seconds of the operator's time went by until the work ended. */
async function ended(work: Promise<void>): Promise<number> {
  const began = performance.now();
  let isOver = false;
  void work.then(() => (isOver = true));
  await until(() => expect(isOver).toBe(true));
  return (performance.now() - began) / 1_000;
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

  it("what a test left behind that was deleted while nobody led is deleted", async () => {
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
    await pass(30);
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
    expect(await ended(operator?.stop() ?? Promise.resolve())).toBeLessThanOrEqual(STOPPING_MS / 1_000 + 1);
  });

  it("takes less than the pod is given", () => {
    const manifest: unknown = parse(
      readFileSync(join(import.meta.dirname, "../manifests/deployment.yaml"), "utf8"),
    );
    const seconds = z.object({
      spec: z.object({
        template: z.object({ spec: z.object({ terminationGracePeriodSeconds: z.number() }) }),
      }),
    });
    const { terminationGracePeriodSeconds } = seconds.parse(manifest).spec.template.spec;
    expect(STOPPING_MS).toBeLessThanOrEqual((terminationGracePeriodSeconds - 5) * 1_000);
  });
});

const hang = () => new Promise<void>(() => {});
