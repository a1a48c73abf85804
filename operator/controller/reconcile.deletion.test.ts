import { expect, it, vi } from "vitest";
import type { Api } from "../runtime/api.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { cachesOf, groundOf } from "../testing/caches.ts";
import { fakeApi } from "../testing/fakeApi.ts";
import { later, probeRun } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createReconciler } from "./reconcile.ts";

const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
const log = silentLog();

it("a test that is gone takes its witnesses with it, and no other's", async () => {
  const witness = (name: string, namespace: string) =>
    probeRun({
      metadata: { name, namespace: "netverdict-witness", uid: `uid-${name}`, ownerReferences: [] },
      spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace } },
    });
  const runs = [witness("shop.net-abc", "shop"), witness("other.net-abc", "other"), probeRun()];
  const remove = vi.fn<Api["delete"]>().mockResolvedValue(undefined);
  const reconcile = createReconciler({
    clocks: blindClocks,
    operatorNamespace: "netverdict-system",
    grants: { get: () => undefined, values: () => [] },
    dependencyState: () => groundOf({}),
    api: fakeApi({ delete: remove }),
    tests: { get: () => undefined },
    ...cachesOf({ runs }),
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    witness: { enabled: true, allow: [] },
    log,
    onPublished: () => undefined,
    now: () => later(0),
  });
  await expect(reconcile("shop/net")).resolves.toBeUndefined();
  expect(remove.mock.calls).toEqual([[`${WITNESSES}/shop.net-abc`, { uid: "uid-shop.net-abc" }]]);
});
