import { expect, it, vi } from "vitest";
import type { ServedKind } from "../cluster/policies/discovery.ts";
import { POLICY_KINDS } from "../cluster/policies/kinds.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createPolicyCaches } from "./policyCaches.ts";

const kindOf = (plural: string, api: string): ServedKind[] =>
  POLICY_KINDS.filter((kind) => kind.plural === plural)
    .slice(0, 1)
    .map((kind) => ({ ...kind, api }));
const NETWORK_POLICIES = kindOf("networkpolicies", "/apis/networking.k8s.io/v1");
const GLOBAL = kindOf("globalnetworkpolicies", "/apis/crd.projectcalico.org/v1");

/** Caches of a cluster where each look for kinds finds the next of these; a string is an error. */
function cachesOf(looks: readonly (readonly ServedKind[] | string)[], forbidden?: string) {
  const memory = createMemoryApi();
  memory.before = ({ path }) => {
    if (path === forbidden) throw rejection(403, "Forbidden");
  };
  memory.put("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny", {});
  memory.put("/apis/crd.projectcalico.org/v1/globalnetworkpolicies/all", {});
  const changed: string[] = [];
  const sleeps: (() => void)[] = [];
  const left = [...looks];
  const caches = createPolicyCaches({
    api: memory.api,
    log: silentLog(),
    onPolicyChange: (namespace) => changed.push(namespace),
    async policyKinds() {
      const next = left.length > 1 ? left.shift() : left[0];
      if (typeof next === "string") throw new Error(next);
      return next ?? [];
    },
    clock: {
      now: () => 0,
      random: () => 0,
      sleep: () => new Promise((resolve) => void sleeps.push(resolve)),
    },
  });
  caches.start();
  return { caches, changed, wake: () => sleeps.shift()?.() };
}

it("the policies of every installed kind are known by their namespace, cluster-wide ones by none", async () => {
  const { caches, changed } = cachesOf([[...NETWORK_POLICIES, ...GLOBAL]]);
  await caches.synced;
  const names = (namespace: string) => caches.policiesOf(namespace).map(({ metadata }) => metadata.name);
  expect([names("shop"), names(""), names("data")]).toEqual([["deny"], ["all"], []]);
  expect(changed.toSorted()).toEqual(["", "shop"]);
  expect(caches.hasSynced).toBe(true);
  caches.stop();
});

it("a kind that is installed later is watched from then on", async () => {
  const { caches, changed, wake } = cachesOf([NETWORK_POLICIES, [...NETWORK_POLICIES, ...GLOBAL]]);
  await caches.synced;
  expect(caches.policiesOf("")).toEqual([]);
  await vi.waitFor(() => {
    wake();
    expect(caches.policiesOf("")).toHaveLength(1);
  });
  expect(changed).toEqual(["shop", ""]);
  caches.stop();
});

it("is not complete before the API server has said which kinds are installed", async () => {
  const { caches, wake } = cachesOf(["no answer", NETWORK_POLICIES]);
  expect(caches.hasSynced).toBe(false);
  await vi.waitFor(() => {
    wake();
    expect(caches.hasSynced).toBe(true);
  });
  expect(caches.policiesOf("shop")).toHaveLength(1);
  caches.stop();
});

it("is complete without a kind that the operator may not list, so that the operator starts and tests can say so", async () => {
  const path = "/apis/crd.projectcalico.org/v1/globalnetworkpolicies";
  const { caches } = cachesOf([[...NETWORK_POLICIES, ...GLOBAL]], path);
  await caches.synced;
  expect([caches.policiesOf("shop").length, caches.policiesOf("").length]).toEqual([1, 0]);
  caches.stop();
});
