import { expect, it, vi } from "vitest";
import type { Api, WatchEvent } from "../runtime/api.ts";
import { fakeApi } from "../testing/fakeApi.ts";
import { connectivityTest, probeRun } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createCaches } from "./caches.ts";

const TESTS = "/apis/netverdict.dev/v1alpha1/connectivitytests";
const RUNS = "/apis/netverdict.dev/v1alpha1/proberuns";
const GRANTS = "/apis/netverdict.dev/v1alpha1/probegrants";
const POLICIES = "/apis/networking.k8s.io/v1/networkpolicies";
const DEPLOYMENTS = "/apis/apps/v1/deployments";

/** A test of the namespace shop, and its run, whose verdict rests on this namespace, workload and grant. */
function testOn(name: string, on: string, rerunOn: "PolicyChange" | "WorkloadChange") {
  const metadata = { name, namespace: "shop", uid: `uid-${name}`, resourceVersion: "1" };
  const test = connectivityTest({ metadata: { ...metadata, generation: 1 }, spec: { rerunOn: [rerunOn] } });
  const run = probeRun({
    spec: {
      test: { kind: "ConnectivityTest", name, uid: `uid-${name}` },
      dependencies: { namespaces: [on], workloads: [`uid-of-${on}`], policies: "a", templates: "a" },
      grants: [{ namespace: on, name: "front", uid: "g", generation: 1 }],
    },
    metadata: {
      name: `${name}-abc`,
      namespace: "shop",
      uid: `uid-${name}-abc`,
      ownerReferences: [
        {
          apiVersion: "netverdict.dev/v1alpha1",
          kind: "ConnectivityTest",
          ...test.metadata,
          controller: true,
        },
      ],
    },
  });
  return { test, run };
}

/** Caches that are filled with two tests on `data` and one on `other`; `event` is one of a watch. */
async function filled() {
  const all = [
    testOn("policies", "data", "PolicyChange"),
    testOn("workloads", "data", "WorkloadChange"),
    testOn("others", "other", "PolicyChange"),
  ];
  const lists = new Map<string, readonly unknown[]>([
    [TESTS, all.map(({ test }) => test)],
    [RUNS, all.map(({ run }) => run)],
  ]);
  const listeners = new Map<string, (event: WatchEvent) => void>();
  const watch: Api["watch"] = (path, _, { onEvent }) => {
    listeners.set(path, onEvent);
    return new Promise(() => {});
  };
  async function* pages(path: string) {
    yield { items: lists.get(path) ?? [], resourceVersion: "1" };
  }
  const keys: string[] = [];
  const log = silentLog();
  const caches = createCaches({ api: fakeApi({ pages, watch }), log, onKey: (key) => keys.push(key) });
  caches.start();
  await caches.synced;
  await vi.waitFor(() => expect(listeners.size).toBe(9));
  keys.length = 0;
  const event = (path: string, object: unknown) => listeners.get(path)?.({ type: "ADDED", object });
  return { caches, keys, event };
}

const object = (namespace: string, name: string, more: object = {}) => ({
  metadata: { namespace, name, uid: `uid-of-${namespace}`, generation: 2, resourceVersion: "2" },
  ...more,
});

it.each<[string, [path: string, object: object], readonly string[]]>([
  ["a policy of another namespace", [POLICIES, object("nowhere", "deny")], []],
  ["a policy", [POLICIES, object("data", "deny")], ["shop/policies"]],
  [
    "a rollout",
    [DEPLOYMENTS, object("data", "db", { spec: { template: {} }, status: { observedGeneration: 2 } })],
    ["shop/workloads"],
  ],
  [
    "a grant",
    [
      GRANTS,
      object("data", "front", { spec: { to: [{ namespace: "shop" }], sources: { podSelector: {} } } }),
    ],
    ["shop/policies", "shop/workloads"],
  ],
])("%s that has changed is a matter for the tests that rest on it alone", async (_, change, expected) => {
  const { caches, keys, event } = await filled();
  event(...change);
  caches.stop();
  expect(keys.toSorted()).toEqual(expected);
});
