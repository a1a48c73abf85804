import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { probeRunSchema, type ProbeRun } from "../../crds/proberun/proberun.ts";
import { probePodSchema } from "../cluster/probePod.ts";
import { nodesPath, podsPath, probeRunsPath } from "../runtime/resourcePaths.ts";
import { blindClocks } from "../testing/blindClocks.ts";
import { createMemoryApi, type MemoryApi } from "../testing/memoryApi.ts";
import { later } from "../testing/objects.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunWriter } from "./runWriter.ts";
import { createRunSyncer } from "./syncRun.ts";

const AFFINITY =
  "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
const base = plannedRun({ "probe-a": 1 });
const path = probeRunsPath("shop", base.metadata.name);
const POD = podsPath("shop", "probe-a");

const createdSchema = z.object({ spec: z.looseObject({ nodeName: z.string().optional() }) });

let memory: MemoryApi;
let time: number;
let sync: () => Promise<ProbeRun>;

/** The run whose one twin prefers `node-1`, which has room, unless a test changes the node. */
beforeEach(() => {
  time = 0;
  const now = () => later(time);
  memory = createMemoryApi(now);
  putNode({});
  const [pod] = base.spec.pods;
  const pods = [
    { ...pod, twin: { labels: { app: "a" }, serviceAccountName: "default", nodeName: "node-1" } },
  ];
  memory.put(path, { ...base, spec: { ...base.spec, pods } });
  const stored = () => probeRunSchema.parse(memory.at(path)[0]);
  const runs = createRunWriter({ api: memory.api, cache: { get: stored }, now });
  const advance = createRunSyncer({
    log: silentLog(),
    clocks: blindClocks,
    api: memory.api,
    settings: { image: "netverdict:1", imagePullPolicy: "IfNotPresent", startTimeout: 60_000 },
    runs,
    grants: new Map(),
    now,
  });
  sync = async () => {
    time += 1_000;
    const cached = memory.at(podsPath("shop")).map((raw) => probePodSchema.parse(raw));
    await advance({ run: runs.newest(stored()), pods: cached }, now());
    return stored();
  };
});

function putNode(spec: object) {
  memory.put(`${nodesPath()}/node-1`, {
    metadata: { labels: { "kubernetes.io/os": "linux" } },
    spec,
    status: {
      allocatable: { cpu: "1", memory: "1Gi", pods: "10" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  });
}

function reject(message: string) {
  const [pod] = memory.at(POD);
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
  memory.put(POD, { ...pod, status: { phase: "Pending", conditions } });
}

const nodeOfPod = () => memory.at(POD).map((pod) => createdSchema.parse(pod).spec.nodeName);
const deletions = () => memory.requests.filter(({ verb }) => verb === "delete");

describe("a twin that the scheduler rejects because of other pods", () => {
  it("is recorded, deleted, and created again on the node of its source", async () => {
    await sync();
    expect(nodeOfPod()).toEqual([undefined]);
    reject(AFFINITY);
    const recorded = await sync();
    expect(recorded.status.pods).toMatchObject([{ phase: "Pending", assignedNode: "node-1" }]);
    expect(deletions()).toEqual([]);
    await sync();
    expect(nodeOfPod()).toEqual([]);
    const again = await sync();
    expect(nodeOfPod()).toEqual(["node-1"]);
    expect(again.status.pods).toMatchObject([{ phase: "Pending", assignedNode: "node-1" }]);
    await sync();
    expect(deletions()).toHaveLength(1);
  });

  it("waits on if its node does not accept it, and did not run for the scheduler's reason", async () => {
    putNode({ unschedulable: true });
    await sync();
    reject(AFFINITY);
    const waiting = await sync();
    expect(waiting.status.pods[0]).not.toHaveProperty("assignedNode");
    time = 120_000;
    const { status } = await sync();
    expect(status.pods[0]).toMatchObject({ phase: "NotRun" });
    expect(status.pods[0]?.message).toContain("didn't satisfy existing pods anti-affinity rules");
    expect(deletions()).toEqual([]);
  });

  it.each(["0/1 nodes are available: 1 Insufficient cpu.", "another scheduler's words"])(
    "is left to the scheduler for any other reason: %s",
    async (message) => {
      await sync();
      reject(message);
      await sync();
      const { status } = await sync();
      expect(status.pods[0]).not.toHaveProperty("assignedNode");
      expect(memory.requests.filter(({ path: at }) => at === nodesPath())).toEqual([]);
      expect(nodeOfPod()).toEqual([undefined]);
    },
  );
});
