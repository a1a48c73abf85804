import { describe, expect, it } from "vitest";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, controlledBy, later, probePod, probeRun, type RunOptions } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const WITNESSES = "/apis/netverdict.dev/v1alpha1/namespaces/netverdict-witness/proberuns";
const WITNESS_PODS = "/api/v1/namespaces/netverdict-witness/pods";

const RUN = "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/net-abc";
const PODS = "/api/v1/namespaces/shop/pods";

/** A run whose one path asks for a witness on this node, if any. */
function runWith(witness: string | undefined, status?: RunOptions["status"]): ProbeRun {
  const run = plannedRun({ "probe-a": 1 }, status);
  const paths = run.spec.paths.map((path) => ({ ...path, ...(witness !== undefined && { witness }) }));
  return { ...run, spec: { ...run.spec, paths } };
}

/** Likewise, and its probe pod has ended. */
const endedRun = (witness?: string) =>
  runWith(witness, {
    phase: "Finished",
    finishedAt: BEGAN,
    pods: [{ name: "probe-a", phase: "Finished" }],
  });

/** The witness of that run, as it runs. */
const witnessRun = probeRun({
  id: "witnesses",
  metadata: {
    name: "shop.net-abc",
    namespace: "netverdict-witness",
    ownerReferences: [],
    uid: "uid-witnesses",
  },
  spec: planWitnesses(runWith("node-1")) ?? {},
});
const runningWitness = probePod("witness-node-1-abc-0", witnessRun, {
  metadata: {
    namespace: "netverdict-witness",
    ownerReferences: [{ ...controlledBy("ProbeRun/shop.net-abc"), uid: "uid-witnesses" }],
  },
  spec: { nodeName: "node-1", hostNetwork: true },
  status: { containerStatuses: [{ name: "probe", state: { running: {} } }] },
});
const WITNESS_POD = `${WITNESS_PODS}/${runningWitness.metadata.name}`;

interface World {
  /** The pods that the cache shows, which exist. */
  readonly pods?: readonly ProbePod[];
  /** The API server's answer to every request to create something, or to patch it. */
  readonly rejected?: ApiError;
  /** The ProbeRun that the cache shows under any name. */
  readonly cached?: ProbeRun;
}

async function advance(run: ProbeRun, { rejected, cached, pods = [] }: World = {}) {
  const now = () => later(0);
  const memory = createMemoryApi(now);
  memory.before = ({ verb }) => {
    if ((verb === "create" || verb === "patch") && rejected) throw rejected;
  };
  const { api } = memory;
  const known = cached && probeRunSchema.parse(memory.put(`${WITNESSES}/${cached.metadata.name}`, cached));
  const sync = createRunSyncer({
    log: silentLog(),
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache: { get: () => known }, now }),
    grants: { get: () => undefined },
    now,
  });
  const stored = probeRunSchema.parse(memory.put(RUN, run));
  for (const { metadata } of pods)
    memory.put(`${WITNESS_PODS}/${metadata.name}`, { metadata, spec: { activeDeadlineSeconds: 90 } });
  return { ...(await sync({ run: stored, pods }, now())), memory };
}

describe("advancing a run", () => {
  it("that asks for no witness asks the API server for none", async () => {
    const { witness, memory } = await advance(endedRun());
    expect(witness).toBeUndefined();
    expect(memory.requests).toEqual([]);
  });

  it("plans its witnesses in their own namespace and creates their pods there", async () => {
    const { witness, memory } = await advance(runWith("node-1"));
    const created = memory.requests.filter(({ verb }) => verb === "create").map(({ path }) => path);
    expect(created).toEqual([PODS, WITNESSES, WITNESS_PODS]);
    expect(witness?.spec.pods.map(({ witness: of }) => of)).toEqual([{ node: "node-1" }]);
  });

  it.each([
    ["leaves its witnesses alone while its probes run", runWith("node-1"), 90],
    ["ends its witnesses when its probes have ended", endedRun("node-1"), 1],
  ])("%s", async (_, run, activeDeadlineSeconds) => {
    const { memory } = await advance(run, { cached: witnessRun, pods: [runningWitness] });
    expect(memory.at(WITNESS_POD)[0]?.spec).toEqual({ activeDeadlineSeconds });
  });

  it("ends without a witness that the API server does not let it end, and keeps its words", async () => {
    const rejected = rejection(403, "Forbidden", "cannot patch resource pods");
    const pods = [runningWitness];
    const { witness } = await advance(endedRun("node-1"), { cached: witnessRun, pods, rejected });
    const message = "it could not be ended: cannot patch resource pods";
    expect(witness?.status.pods).toMatchObject([{ phase: "NotRun", message, refused: true }]);
  });

  it("leaves the end of its witnesses to the garbage collector if it is being deleted", async () => {
    const run = endedRun("node-1");
    const deleted = { ...run, metadata: { ...run.metadata, deletionTimestamp: later(0).toISOString() } };
    const { memory } = await advance(deleted, { cached: witnessRun, pods: [runningWitness] });
    expect(memory.requests).toEqual([]);
  });

  it("ends without its witnesses where the API server will not have them, and keeps its words", async () => {
    const words = 'namespaces "netverdict-witness" not found';
    const rejected = rejection(404, "NotFound", words);
    const { run, witness, requeueAt } = await advance(endedRun("node-1"), { rejected });
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
    const { witness } = await advance(started, { cached: left });
    expect(witness?.status).toMatchObject({ pods: [{ phase: "NotRun" }], results: [] });
  });

  it("fails for any other error, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    await expect(advance(endedRun("node-1"), { rejected: broken })).rejects.toBe(broken);
  });
});
