import { expect, it } from "vitest";
import { API_VERSION, PROBE_RUN } from "../../crds/group.ts";
import { cachesOf } from "../testing/caches.ts";
import { noted } from "../testing/noted.ts";
import { connectivityTest, controlledBy, probePod, probeRun } from "../testing/objects.ts";
import { runsOfTest, unownedRunsOf } from "./testRuns.ts";

/** The run, witnesses and pod of the test `net-<number>` of the namespace shop. */
function objectsOf(number: number, touched: Set<string>) {
  const test = { kind: "ConnectivityTest", name: `net-${number}`, uid: `uid-net-${number}` } as const;
  const owner = controlledBy(`ConnectivityTest/net-${number}`, API_VERSION);
  const run = probeRun({
    spec: { test },
    metadata: { name: `net-${number}-abc`, uid: `uid-run-${number}`, ownerReferences: [owner] },
  });
  const witness = probeRun({
    spec: { test: { ...test, namespace: "shop" } },
    metadata: {
      name: `shop.net-${number}-abc`,
      namespace: "netverdict-witness",
      uid: `uid-witness-${number}`,
      ownerReferences: [],
    },
  });
  const pod = probePod(`probe-${number}`, run, {
    metadata: { ownerReferences: [controlledBy(`${PROBE_RUN.kind}/net-${number}-abc`, API_VERSION)] },
  });
  const ownedPod = {
    ...pod,
    metadata: {
      ...pod.metadata,
      ownerReferences: pod.metadata.ownerReferences.map((one) => ({ ...one, uid: run.metadata.uid })),
    },
  };
  return {
    runs: [run, witness].map((one) => noted(one, () => touched.add(one.metadata.uid))),
    pods: [noted(ownedPod, () => touched.add(ownedPod.metadata.uid))],
  };
}

it.each([2, 2_000])(
  "a test's own runs and pods are all that is looked at among those of %i tests",
  (count) => {
    const touched = new Set<string>();
    const all = Array.from({ length: count }, (_, number) => objectsOf(number, touched));
    const caches = cachesOf({
      runs: all.flatMap(({ runs }) => runs),
      pods: all.flatMap(({ pods }) => pods),
    });
    touched.clear();
    const test = connectivityTest({
      metadata: { name: "net-1", namespace: "shop", uid: "uid-net-1", generation: 1 },
    });
    const { active, witness, pods } = runsOfTest(test, caches);
    expect([active, witness.active, ...pods].map((one) => one?.metadata.uid)).toEqual([
      "uid-run-1",
      "uid-witness-1",
      "uid-probe-1",
    ]);
    expect(unownedRunsOf("shop/net-1", caches.runs)).toHaveLength(1);
    expect(touched).toEqual(new Set(["uid-run-1", "uid-witness-1", "uid-probe-1"]));
  },
);
