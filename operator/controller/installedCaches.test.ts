import { expect, it, vi } from "vitest";
import { keyOf, metadataOf, type Metadata } from "../../crds/metadata.ts";
import type { Discovery } from "../cluster/policies/discovery.ts";
import type { InstallableKind } from "../cluster/policies/kinds.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { createReflector } from "../runtime/reflector.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createInstalledCaches } from "./installedCaches.ts";

type Kinds = Awaited<ReturnType<Discovery<InstallableKind>>>;

const NAMESPACED: Kinds = [{ groups: [], plural: "networkpolicies", api: "/apis/networking.k8s.io/v1" }];
const GLOBAL: Kinds = [
  { groups: [], plural: "globalnetworkpolicies", api: "/apis/crd.projectcalico.org/v1" },
];
const GLOBAL_PATH = "/apis/crd.projectcalico.org/v1/globalnetworkpolicies";

/** Caches of a cluster where each search for kinds finds the next of these; a string is an error. */
function cachesOf(searches: readonly (Kinds | string)[], refused?: ApiError) {
  const memory = createMemoryApi();
  const answers = { refused };
  memory.before = ({ path }) => {
    if (answers.refused && path === GLOBAL_PATH) throw answers.refused;
  };
  memory.put("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny", {});
  memory.put(`${GLOBAL_PATH}/all`, {});
  const changed: string[] = [];
  const sleeps: (() => void)[] = [];
  const clock = {
    now: () => 0,
    random: () => 0,
    sleep: () => new Promise<void>((resolve) => void sleeps.push(resolve)),
  };
  const left = [...searches];
  const log = silentLog();
  const caches = createInstalledCaches({
    log,
    what: "policies",
    async installed() {
      const next = left.length > 1 ? left.shift() : left[0];
      if (typeof next === "string") throw new Error(next);
      return next ?? [];
    },
    reflectorOf: (path, onFailure) =>
      createReflector<{ readonly metadata: Metadata }, "namespace">({
        api: memory.api,
        log,
        path,
        clock,
        onFailure,
        parse: (raw) => ({ metadata: metadataOf(raw) }),
        indexers: { namespace: ({ metadata }) => [metadata.namespace] },
        onChange: ({ key }) => void changed.push(key),
      }),
    onForgotten: ({ metadata }) => void changed.push(`-${keyOf(metadata)}`),
    clock,
  });
  caches.start();
  const names = (namespace: string) =>
    caches.byIndex("namespace", namespace).map(({ metadata }) => metadata.name);
  const wake = () => sleeps.splice(0).forEach((resolve) => resolve());
  return { caches, names, changed, wake, answers };
}

it("the objects of every installed kind are known by their index", async () => {
  const { caches, names, changed } = cachesOf([[...NAMESPACED, ...GLOBAL]]);
  await caches.synced;
  expect([names("shop"), names(""), names("data")]).toEqual([["deny"], ["all"], []]);
  expect(changed.toSorted()).toEqual(["/all", "shop/deny"]);
  expect(caches.hasSynced).toBe(true);
  expect(caches.missingRight).toBeUndefined();
  caches.stop();
});

it("a kind that is installed later is watched from then on", async () => {
  const { caches, names, changed, wake } = cachesOf([NAMESPACED, [...NAMESPACED, ...GLOBAL]]);
  await caches.synced;
  expect(names("")).toEqual([]);
  await vi.waitFor(() => {
    wake();
    expect(names("")).toHaveLength(1);
  });
  expect(changed).toEqual(["shop/deny", "/all"]);
  caches.stop();
});

it("a kind that is uninstalled is watched no longer, and its objects count as deleted", async () => {
  const { caches, names, changed, wake } = cachesOf([[...NAMESPACED, ...GLOBAL], NAMESPACED]);
  await caches.synced;
  changed.length = 0;
  await vi.waitFor(() => {
    wake();
    expect(names("")).toEqual([]);
  });
  expect(changed).toEqual(["-/all"]);
  caches.stop();
});

it("a kind that is uninstalled before it could be listed does not keep the others from being complete", async () => {
  const refused = rejection(404, "NotFound");
  const { caches, names, wake } = cachesOf([[...NAMESPACED, ...GLOBAL], NAMESPACED], refused);
  expect(caches.hasSynced).toBe(false);
  await vi.waitFor(() => {
    wake();
    expect(caches.hasSynced).toBe(true);
  });
  expect(names("shop")).toHaveLength(1);
  caches.stop();
});

it("is not complete before the API server has said which kinds are installed", async () => {
  const { caches, names, wake } = cachesOf(["no answer", NAMESPACED]);
  expect(caches.hasSynced).toBe(false);
  await vi.waitFor(() => {
    wake();
    expect(caches.hasSynced).toBe(true);
  });
  expect(names("shop")).toHaveLength(1);
  caches.stop();
});

it("is complete without a kind that the operator may not list, and has the API server's error until it may", async () => {
  const refused = rejection(403, "Forbidden", "not allowed");
  const { caches, names, wake, answers } = cachesOf([[...NAMESPACED, ...GLOBAL]], refused);
  await caches.synced;
  expect([names("shop").length, names("").length]).toEqual([1, 0]);
  expect(caches.missingRight).toBe(refused);
  answers.refused = undefined;
  await vi.waitFor(() => {
    wake();
    expect(names("")).toHaveLength(1);
  });
  expect(caches.missingRight).toBeUndefined();
  caches.stop();
});
