import { expect, it } from "vitest";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { networkPoliciesAlone } from "../cluster/policies/discovery.ts";
import { ampleQueue } from "../testing/ampleQueue.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { cachesOf, groundOf } from "../testing/caches.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { later, probeRun } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createReconciler } from "./reconcile.ts";

const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
const OWNED = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/net-abc";
const log = silentLog();

it("a test that is gone takes its witnesses with it, and no other's", async () => {
  const witness = (name: string, namespace: string) =>
    probeRun({
      metadata: { name, namespace: "netverdict-witness", uid: `uid-${name}`, ownerReferences: [] },
      spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace } },
    });
  const memory = createMemoryApi(() => later(0));
  const stored = (path: string, run: ProbeRun) => probeRunSchema.parse(memory.put(path, run));
  const runs = [
    stored(`${WITNESSES}/shop.net-abc`, witness("shop.net-abc", "shop")),
    stored(`${WITNESSES}/other.net-abc`, witness("other.net-abc", "other")),
    stored(OWNED, probeRun()),
  ];
  const reconcile = createReconciler({
    clocks: blindClocks,
    operatorNamespace: "netverdict-system",
    operatorPod: "operator-a",
    grants: { get: () => undefined, values: () => [] },
    requestLog: { tokensOf: () => [] },
    podGates: { requestsOf: () => ({ tokens: [] }) },
    dependencyState: () => groundOf({}),
    policyKinds: networkPoliciesAlone,
    api: memory.api,
    tests: { get: () => undefined, values: () => [] },
    queue: ampleQueue(),
    onStarted: () => undefined,
    ...cachesOf({ runs }),
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    witness: { enabled: true, allow: [] },
    log,
    onPublished: () => undefined,
    onRepeated: () => undefined,
    now: () => later(0),
  });
  await expect(reconcile("shop/net")).resolves.toBeUndefined();
  expect(memory.requests).toEqual([
    { verb: "delete", path: `${WITNESSES}/shop.net-abc`, body: { uid: "uid-shop.net-abc" } },
  ]);
  expect([...memory.at(WITNESSES), ...memory.at(OWNED)].map(({ metadata: { name } }) => name)).toEqual([
    "other.net-abc",
    "net-abc",
  ]);
});
