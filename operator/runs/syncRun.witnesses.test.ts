import { describe, expect, it } from "vitest";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { BEGAN, later, probeRun, type RunOptions } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { rejection } from "../testing/rejection.ts";
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

interface World {
  /** The API server's answer to every request to create something. */
  readonly rejected?: ApiError;
  /** The ProbeRun that the cache shows under any name. */
  readonly cached?: ProbeRun;
}

async function advance(run: ProbeRun, { rejected, cached }: World = {}) {
  const now = () => later(0);
  const memory = createMemoryApi(now);
  memory.before = ({ verb }) => {
    if (verb === "create" && rejected) throw rejected;
  };
  const { api } = memory;
  const sync = createRunSyncer({
    clocks: blindClocks,
    api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs: createRunWriter({ api, cache: { get: () => cached }, now }),
    grants: { get: () => undefined },
    now,
  });
  const stored = probeRunSchema.parse(memory.put(RUN, run));
  return { ...(await sync({ run: stored, pods: [] }, now())), memory };
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
