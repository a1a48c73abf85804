import { describe, expect, it, vi } from "vitest";
import type { ProbeRun } from "../../crds/proberun.ts";
import type { Seen } from "../runs/testRuns.ts";
import type { Api } from "../runtime/api.ts";
import { cachesOf, groundOf } from "../testing/caches.ts";
import { fakeApi, refusal } from "../testing/fakeApi.ts";
import { BEGAN, connectivityTest, later, probeRun } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { createReconciler } from "./reconcile.ts";
import { createSteps } from "./steps.ts";

const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
const WITNESS_PODS = "/api/v1/namespaces/netverdict-witness/pods";
const log = { error: vi.fn<() => void>(), warn: vi.fn<() => void>(), info: vi.fn<() => void>() };
const settings = { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 } as const;

const common = {
  operatorNamespace: "netverdict-system",
  runs: { get: () => undefined },
  grants: { get: () => undefined, values: () => [] },
  ground: () => groundOf({}),
};

/** A run whose one path asks for a witness on node-1, and whose probe pod has ended. */
function endedRun(witness?: string): ProbeRun {
  const run = plannedRun(
    { "probe-a": 1 },
    { phase: "Finished", finishedAt: BEGAN, pods: [{ name: "probe-a", phase: "Finished" }] },
  );
  const paths = run.spec.paths.map((path) => ({ ...path, ...(witness !== undefined && { witness }) }));
  return { ...run, spec: { ...run.spec, paths } };
}

function stepsWith(api: Partial<Api>) {
  const witness = { enabled: true, allow: [] };
  return createSteps({ ...common, api: fakeApi(api), settings, witness, log: asLog(), now: () => later(0) });
}

const asLog = (): Parameters<typeof createSteps>[0]["log"] => ({ ...log, debug: vi.fn<() => void>() });

const nothing: Seen = {
  active: undefined,
  ended: undefined,
  obsolete: [],
  witness: { active: undefined, ended: undefined },
  again: { active: undefined, ended: undefined },
  branches: [],
  pods: [],
};

const underWay = (run: ProbeRun) => ({ test: connectivityTest(), run, seen: nothing });

describe("beginning a run", () => {
  const test = connectivityTest();

  function beginWith(answer: Error) {
    const create = () => Promise.reject(answer);
    return stepsWith({ list: () => Promise.resolve([]), create }).begin(test, undefined, later(0));
  }

  it.each([
    ["no room in the quota", refusal(403, "Forbidden", "exceeded quota: runs")],
    ["a namespace on its way out", refusal(403, "Forbidden", "shop is being terminated")],
    ["a rule against it", refusal(422, "Invalid", "spec.paths: too many")],
  ])(
    "that the API server will not have (%s) is a problem, in its words, and is asked for again",
    async (_, error) => {
      await expect(beginWith(error)).resolves.toEqual({
        problem: { reason: "ProbeNotRun", message: `the run could not begin: ${error.message}` },
        lookAgainAt: later(30_000),
      });
    },
  );

  it("fails for any other error, to be tried again", async () => {
    const broken = refusal(500, "InternalError");
    await expect(beginWith(broken)).rejects.toBe(broken);
  });
});

describe("advancing a run", () => {
  it("that asks for no witness asks the API server for none", async () => {
    const { witness } = await stepsWith({}).advance(underWay(endedRun()), later(0));
    expect(witness).toBeUndefined();
  });

  it("plans its witnesses in their own namespace and creates their pods there", async () => {
    const created: string[] = [];
    const create: Api["create"] = (path, body) => {
      created.push(path);
      if (path === WITNESS_PODS) return Promise.resolve({});
      const { spec } = { ...probeRun(), ...(typeof body === "object" ? body : {}) };
      const metadata = {
        name: "shop.net-abc",
        namespace: "netverdict-witness",
        uid: "w",
        creationTimestamp: BEGAN,
      };
      return Promise.resolve({ metadata, spec });
    };
    const update: Api["update"] = (_, body) => Promise.resolve(body);
    const { witness } = await stepsWith({ create, update }).advance(underWay(endedRun("node-1")), later(0));
    expect(created[0]).toBe(WITNESSES);
    expect(witness?.spec.pods.map(({ witness: of }) => of)).toEqual([{ node: "node-1" }]);
  });

  it("ends without its witnesses where the API server will not have them, and keeps its words", async () => {
    const words = 'namespaces "netverdict-witness" not found';
    const create = () => Promise.reject(refusal(404, "NotFound", words));
    const { run, witness, lookAgainAt } = await stepsWith({ create }).advance(
      underWay(endedRun("node-1")),
      later(0),
    );
    expect(run.status.phase).toBe("Finished");
    expect(witness?.status).toEqual({
      phase: "Finished",
      pods: [{ name: "witness-node-1-abc-0", phase: "NotRun", message: words, refused: true }],
      results: [],
    });
    expect(lookAgainAt).toEqual(later(5_000));
  });

  it("fails for any other error, to be tried again", async () => {
    const broken = refusal(500, "InternalError");
    const create = () => Promise.reject(broken);
    await expect(stepsWith({ create }).advance(underWay(endedRun("node-1")), later(0))).rejects.toBe(broken);
  });
});

it("a test that is gone takes its witnesses with it, and no other's", async () => {
  const witness = (name: string, namespace: string) =>
    probeRun({
      metadata: { name, namespace: "netverdict-witness", uid: `uid-${name}`, ownerReferences: [] },
      spec: { test: { kind: "ConnectivityTest", name: "net", uid: "uid-net", namespace } },
    });
  const runs = [witness("shop.net-abc", "shop"), witness("other.net-abc", "other"), probeRun()];
  const remove = vi.fn<Api["delete"]>().mockResolvedValue(undefined);
  const reconcile = createReconciler({
    ...common,
    api: fakeApi({ delete: remove }),
    tests: { get: () => undefined },
    ...cachesOf({ runs }),
    settings,
    witness: { enabled: true, allow: [] },
    log: asLog(),
    onPublished: () => undefined,
    now: () => later(0),
  });
  await expect(reconcile("shop/net")).resolves.toBeUndefined();
  expect(remove.mock.calls).toEqual([[`${WITNESSES}/shop.net-abc`, { uid: "uid-shop.net-abc" }]]);
});

describe("looking back at the targets", () => {
  const denied = plannedRun(
    { "probe-a": 1 },
    {
      phase: "Finished",
      finishedAt: BEGAN,
      pods: [{ name: "probe-a", phase: "Finished", roundsStartedAt: BEGAN }],
      results: [{ path: 0, samples: ".........." }],
    },
  );
  const toWeb = denied.spec.paths.map((path) => ({ ...path, kind: "Endpoint" as const }));
  const run: ProbeRun = { ...denied, spec: { ...denied.spec, paths: toWeb } };
  const list = () => Promise.resolve([]);

  it("is written down once: a cache that does not show it yet is not asked about it again", async () => {
    const update = vi.fn<Api["update"]>((_, body) => Promise.resolve(body));
    const asked = vi.fn<Api["list"]>(list);
    const steps = stepsWith({ update, list: asked });
    const first = await steps.lookBack(connectivityTest(), { run }, later(1_000));
    expect(first.run.status.targets?.lookedAt).toBe(later(1_000).toISOString());
    const requests = asked.mock.calls.length;
    const test = connectivityTest();
    const { run: known } = await steps.advance({ test, run, seen: nothing }, later(2_000));
    const second = await steps.lookBack(connectivityTest(), { run: known }, later(2_000));
    expect(second.run.status).toEqual(first.run.status);
    expect([update.mock.calls.length, asked.mock.calls.length]).toEqual([1, requests]);
  });

  it("waits for the witnesses and for the second look", async () => {
    const witness = { ...run, status: { ...run.status, phase: "Running" as const } };
    for (const advanced of [
      { run, witness },
      { run, again: { run: witness } },
      { run, again: { run, witness } },
    ]) {
      await expect(stepsWith({}).lookBack(connectivityTest(), advanced, later(0))).resolves.toBe(advanced);
    }
  });

  it("fails where the API server does not answer, to be tried again: nobody passes for want of a look", async () => {
    const broken = refusal(500, "InternalError");
    const steps = stepsWith({ list: () => Promise.reject(broken) });
    await expect(steps.lookBack(connectivityTest(), { run }, later(0))).rejects.toBe(broken);
  });
});
