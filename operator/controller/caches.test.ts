import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import type { Dependencies } from "../../crds/proberun/proberun.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import {
  connectivityTest,
  controlledBy,
  PROBE_POD_FIELDS,
  probeRun,
  type RunOptions,
} from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createCaches, type Caches } from "./caches.ts";

const OURS = "/apis/netverdict.dev/v1alpha1";
const TEST = `${OURS}/namespaces/shop/connectivitytests/net`;
const WIDE = `${OURS}/clusterconnectivitytests/wide`;
const RUN = `${OURS}/namespaces/shop/proberuns/net-abc`;
const WITNESSES = `${OURS}/namespaces/netverdict-witness/proberuns/shop.net-abc`;
const GRANT = `${OURS}/namespaces/vault/probegrants/a`;
const POD = "/api/v1/namespaces/shop/pods/probe-a";
const POLICY = "/apis/networking.k8s.io/v1/namespaces/elsewhere/networkpolicies/deny";
const DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web";

let memory: MemoryApi;
let caches: Caches;
let keys: string[];

beforeEach(() => {
  vi.useFakeTimers();
  memory = createMemoryApi();
  keys = [];
});
afterEach(() => {
  caches.stop();
  vi.useRealTimers();
});

async function start() {
  caches = createCaches({ api: memory.api, log: silentLog(), onKey: (key) => keys.push(key) });
  caches.start();
  await caches.synced;
  await settle();
}

const settle = () => vi.advanceTimersByTimeAsync(0);

/** The keys that a change of the cluster names, each once. */
async function keysAfter(change: () => void): Promise<string[]> {
  keys.length = 0;
  change();
  await settle();
  return [...new Set(keys)].toSorted();
}

const test = (name: string, rerunOn?: ("PolicyChange" | "WorkloadChange")[]) => {
  const { spec } = connectivityTest({ spec: { ...(rerunOn && { rerunOn }) } });
  memory.put(TEST.replace(/net$/, name), { spec });
};
const wide = () => {
  const to = { to: { ip: "192.0.2.1" }, tcp: { port: 80 }, expect: "Allowed" };
  memory.put(WIDE, { spec: { expectations: [{ name: "check", from: { namespaceSelector: {} }, ...to }] } });
};
const ofTest = { kind: "ConnectivityTest", name: "net", uid: "uid-net" };
const run = (options: RunOptions = {}) => memory.put(RUN, probeRun(options));
const ownedBy = (owner: string, apiVersion = API_VERSION) => ({
  ownerReferences: [controlledBy(owner, apiVersion)],
});
const probePod = (owner = "ProbeRun/net-abc", spec: object = {}) =>
  memory.put(POD, {
    metadata: { name: "probe-a", ...ownedBy(owner) },
    spec: { ...PROBE_POD_FIELDS, ...spec },
  });

describe("a change of", () => {
  it("a test names the test: when it comes, when it changes, and when it goes", async () => {
    await start();
    expect(await keysAfter(() => test("net"))).toEqual(["shop/net"]);
    expect(await keysAfter(() => test("net", ["PolicyChange"]))).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.remove(TEST))).toEqual(["shop/net"]);
  });

  it("a ClusterConnectivityTest names it by a key without a namespace", async () => {
    await start();
    expect(await keysAfter(wide)).toEqual(["/wide"]);
    expect(caches.tests.get("/wide")?.metadata.name).toBe("wide");
    expect(caches.tests.get("/wide")).not.toHaveProperty("unreadable");
  });

  it("a run names the test that owns it, also when the run goes", async () => {
    await start();
    expect(await keysAfter(() => run())).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.remove(RUN))).toEqual(["shop/net"]);
  });

  it("a run that no test owns names nothing, independent of its spec", async () => {
    await start();
    expect(await keysAfter(() => run({ metadata: { ownerReferences: [] } }))).toEqual([]);
  });

  it("a run of witnesses names the test that it says", async () => {
    await start();
    const { spec } = probeRun({ spec: { test: { ...ofTest, namespace: "shop" } } });
    expect(await keysAfter(() => memory.put(WITNESSES, { spec }))).toEqual(["shop/net"]);
  });

  it("a probe pod names the test of its run", async () => {
    run();
    await start();
    expect(await keysAfter(() => probePod())).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.remove(POD))).toEqual(["shop/net"]);
  });

  it.each([
    ["of a run that is not there", "ProbeRun/other"],
    ["of a Job", "Job/backup"],
  ])("a pod %s names nothing", async (_, owner) => {
    run();
    await start();
    expect(await keysAfter(() => probePod(owner))).toEqual([]);
  });

  it.each([
    ["that is restarted", { restartPolicy: "Always" }],
    ["without the container of the probe", { containers: [{ name: "server" }] }],
  ])("a pod %s names nothing, independent of its owner, and is not kept", async (_, spec) => {
    run();
    await start();
    expect(await keysAfter(() => probePod("ProbeRun/net-abc", spec))).toEqual([]);
    expect([...caches.pods.values()]).toEqual([]);
  });

  it("a grant names the tests of the runs that depend on it, and no others", async () => {
    const grants = [{ namespace: "vault", name: "a", uid: "uid-a", generation: 1 }];
    run({ spec: { grants } });
    const another = { metadata: ownedBy("ConnectivityTest/another"), spec: { grants } };
    memory.put(`${RUN}-another`, probeRun({ id: "another", ...another }));
    memory.put(`${RUN}-other`, probeRun({ id: "other", metadata: ownedBy("ConnectivityTest/other") }));
    await start();
    const spec = { to: [{ namespace: "shop" }], targets: { podSelector: {} } };
    const both = ["shop/another", "shop/net"];
    expect(await keysAfter(() => memory.put(GRANT, { spec }))).toEqual(both);
    expect(await keysAfter(() => memory.remove(GRANT))).toEqual(both);
    expect(await keysAfter(() => memory.put(`${GRANT}-2`, { spec }))).toEqual([]);
  });

  it("a grant that cannot be read is no deletion: it is there, and grants nothing", async () => {
    const spec = { to: [{ namespace: "shop" }], sources: { podSelector: {} } };
    memory.put(GRANT, { spec });
    await start();
    memory.put(GRANT, { spec: { to: [{ namespaceSelector: {} }] } });
    await settle();
    expect([...caches.grants.values()]).toMatchObject([
      { metadata: { name: "a", generation: 2 }, spec: { to: [] } },
    ]);
  });

  /** The run that the last verdict of this test depends on. */
  const dependingRun = (name: string, dependencies: Partial<Dependencies>) =>
    memory.put(
      RUN.replace(/net-abc$/, `${name}-abc`),
      probeRun({
        spec: {
          test: { ...ofTest, name },
          dependencies: { namespaces: [], workloads: [], policies: "a", templates: "a", ...dependencies },
        },
        metadata: { name: `${name}-abc`, ...ownedBy(`ConnectivityTest/${name}`) },
      }),
    );

  it("a policy names the tests that ask for that and depend on its namespace", async () => {
    test("net", ["PolicyChange"]);
    test("others", ["PolicyChange"]);
    test("workloads", ["WorkloadChange"]);
    test("calm");
    for (const name of ["net", "workloads", "calm"]) dependingRun(name, { namespaces: ["elsewhere"] });
    dependingRun("others", { namespaces: ["shop"] });
    await start();
    expect(await keysAfter(() => memory.put(POLICY, { spec: {} }))).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.put(POLICY, { spec: { podSelector: {} } }))).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.remove(POLICY))).toEqual(["shop/net"]);
    const nowhere = POLICY.replace("elsewhere", "nowhere");
    expect(await keysAfter(() => memory.put(nowhere, { spec: {} }))).toEqual([]);
  });

  it("a workload names the tests that ask for that when its template changes or its rollout ends, and not for each pod", async () => {
    test("net", ["WorkloadChange"]);
    test("others", ["WorkloadChange"]);
    test("policies", ["PolicyChange"]);
    const deployment = (image: string, updatedReplicas: number, observedGeneration: number) => () =>
      memory.put(DEPLOYMENT, {
        spec: { replicas: 3, template: { image } },
        status: { observedGeneration, replicas: 3, updatedReplicas, availableReplicas: 3 },
      });
    deployment("one", 3, 1)();
    const workloads = memory.at(DEPLOYMENT).flatMap(({ metadata: { uid } }) => uid ?? []);
    for (const name of ["net", "policies"]) dependingRun(name, { workloads });
    dependingRun("others", { workloads: ["another"] });
    await start();
    expect(await keysAfter(deployment("two", 0, 1))).toEqual(["shop/net"]);
    expect(await keysAfter(deployment("two", 1, 2))).toEqual([]);
    expect(await keysAfter(deployment("two", 2, 2))).toEqual([]);
    expect(await keysAfter(deployment("two", 3, 2))).toEqual(["shop/net"]);
    expect(await keysAfter(() => memory.remove(DEPLOYMENT))).toEqual(["shop/net"]);
  });
});

it("has synced only when every collection has been listed", async () => {
  const held = Promise.withResolvers<void>();
  memory.before = ({ verb, path }) =>
    verb === "list" && path.endsWith("/daemonsets") ? held.promise : undefined;
  caches = createCaches({ api: memory.api, log: silentLog(), onKey: () => {} });
  caches.start();
  await settle();
  expect(caches.hasSynced).toBe(false);
  held.resolve();
  await caches.synced;
  expect(caches.hasSynced).toBe(true);
});

it("reports nothing once it was stopped", async () => {
  await start();
  caches.stop();
  expect(await keysAfter(() => test("net"))).toEqual([]);
});
