import { describe, expect, it } from "vitest";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Api } from "../runtime/api.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { BEGAN, later, probeRun } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
const WITNESS_PODS = "/api/v1/namespaces/netverdict-witness/pods";

/** A run whose one path asks for a witness on node-1, and whose probe pod has ended. */
function endedRun(witness?: string): ProbeRun {
  const run = plannedRun(
    { "probe-a": 1 },
    { phase: "Finished", finishedAt: BEGAN, pods: [{ name: "probe-a", phase: "Finished" }] },
  );
  const paths = run.spec.paths.map((path) => ({ ...path, ...(witness !== undefined && { witness }) }));
  return { ...run, spec: { ...run.spec, paths } };
}

function advancerWith(answers: Partial<Api>, cached?: ProbeRun) {
  const api = fakeApi(answers);
  const now = () => later(0);
  return createRunSyncer({
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache: { get: () => cached }, now }),
    grants: { get: () => undefined },
    now,
  });
}

const ofRun = (run: ProbeRun) => ({ run, pods: [] });

describe("advancing a run", () => {
  it("that asks for no witness asks the API server for none", async () => {
    const { witness } = await advancerWith({})(ofRun(endedRun()), later(0));
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
    const { witness } = await advancerWith({ create, update })(ofRun(endedRun("node-1")), later(0));
    expect(created[0]).toBe(WITNESSES);
    expect(witness?.spec.pods.map(({ witness: of }) => of)).toEqual([{ node: "node-1" }]);
  });

  it("ends without its witnesses where the API server will not have them, and keeps its words", async () => {
    const words = 'namespaces "netverdict-witness" not found';
    const create = () => Promise.reject(rejection(404, "NotFound", words));
    const { run, witness, requeueAt } = await advancerWith({ create })(ofRun(endedRun("node-1")), later(0));
    expect(run.status.phase).toBe("Finished");
    expect(witness?.status).toEqual({
      phase: "Finished",
      pods: [{ name: "witness-node-1-abc-0", phase: "NotRun", message: words, refused: true }],
      results: [],
    });
    expect(requeueAt).toEqual(later(5_000));
  });

  it("never uses the results of witnesses that are left from a deleted run of the same id", async () => {
    const run = endedRun("node-1");
    const left = probeRun({
      metadata: {
        name: "shop.net-abc",
        uid: "left",
        ownerReferences: [],
        creationTimestamp: later(-60_000).toISOString(),
      },
      status: { phase: "Finished", results: [{ path: 0, samples: "CCCCCCCC" }] },
    });
    const started = { ...run, metadata: { ...run.metadata, creationTimestamp: later(0).toISOString() } };
    const { witness } = await advancerWith({}, left)(ofRun(started), later(0));
    expect(witness?.status).toMatchObject({ pods: [{ phase: "NotRun" }], results: [] });
  });

  it("fails for any other error, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    const create = () => Promise.reject(broken);
    await expect(advancerWith({ create })(ofRun(endedRun("node-1")), later(0))).rejects.toBe(broken);
  });
});
