import { expect, it } from "vitest";
import { createMemoryApi, type MemoryApi } from "../../operator/testing/memoryApi.ts";
import { rejection } from "../../operator/testing/rejection.ts";
import { readNamespace } from "./readNamespace.ts";

const CILIUM: ReadonlyMap<string, unknown> = new Map([
  ["/apis", { groups: [{ name: "cilium.io", versions: [{ version: "v2" }] }] }],
  ["/apis/cilium.io/v2", { resources: [{ name: "ciliumnetworkpolicies" }] }],
]);
const POLICIES = "/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies";

/** The namespace shop of a cluster with Cilium's policies, of which one is there. */
function cluster(): MemoryApi {
  const memory = createMemoryApi();
  memory.put("/api/v1/namespaces/shop", { metadata: { name: "shop" } });
  memory.put(`${POLICIES}/x`, {
    metadata: { name: "x", namespace: "shop" },
    spec: { endpointSelector: {} },
  });
  const api = {
    ...memory.api,
    get: async (path: string) => CILIUM.get(path) ?? memory.api.get(path),
  };
  return { ...memory, api };
}

it("names policies of other kinds, which are not evaluated", async () => {
  const { notes } = await readNamespace(cluster().api, "shop");
  expect(notes).toEqual(["ciliumnetworkpolicies.cilium.io: there are 1, which are not evaluated here."]);
});

it("says nothing of a kind without policies", async () => {
  const memory = cluster();
  memory.remove(`${POLICIES}/x`);
  const { notes } = await readNamespace(memory.api, "shop");
  expect(notes).toEqual([]);
});

it("names a kind that this user may not list", async () => {
  const { api } = cluster();
  const list: typeof api.list = async (path, ...others) => {
    if (path === POLICIES) throw rejection(403, "Forbidden");
    return api.list(path, ...others);
  };
  const { notes } = await readNamespace({ ...api, list }, "shop");
  expect(notes).toEqual([
    "ciliumnetworkpolicies.cilium.io: this user may not list them, and they are not evaluated here.",
  ]);
});
