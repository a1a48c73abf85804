import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import { nodesPath, podsPath } from "../runtime/resourcePaths.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { controlledBy } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { canRunOnNode, nodeRoomOf } from "./nodeAdmission.ts";

interface Sketch {
  readonly node?: object;
  readonly status?: object;
  readonly pod?: object;
  readonly others?: readonly object[];
}

const container = (requests: object) => ({ name: "probe", resources: { requests } });

/** A node with 1 core, 1 Gi and 3 pods, on which another pod has half of it, and a twin that requests 20m and 64Mi. */
async function accepted({ node = {}, status = {}, pod = {}, others = [] }: Sketch = {}): Promise<boolean> {
  const memory = createMemoryApi();
  const conditions = [{ type: "Ready", status: "True" }];
  memory.put(`${nodesPath()}/node-1`, {
    metadata: { labels: { "kubernetes.io/os": "linux" } },
    spec: node,
    status: { allocatable: { cpu: "1", memory: "1Gi", pods: "3" }, conditions, ...status },
  });
  memory.put(podsPath("shop", "probe"), {
    spec: {
      containers: [container({ cpu: "20m", memory: "64Mi" })],
      nodeSelector: { "kubernetes.io/os": "linux" },
      ...pod,
    },
    status: { phase: "Pending" },
  });
  const half = { containers: [container({ cpu: "500m", memory: "512Mi" })] };
  for (const [index, other] of [half, ...others].entries())
    memory.put(podsPath("other", `pod-${index}`), {
      spec: { nodeName: "node-1", ...other },
      status: { phase: "Running", ...("phase" in other && { phase: other.phase }) },
    });
  return canRunOnNode(memory.api, { namespace: "shop", name: "probe", node: "node-1" });
}

const taint = { key: "edge", value: "x", effect: "NoSchedule" };
const avoids = (node: string) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "NotIn", values: [node] }] }],
      },
    },
  },
});
const requires = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] }],
      },
    },
  },
};

describe("a node accepts a pod past the scheduler", () => {
  it.each<[string, Sketch]>([
    ["with room, and nothing against it", {}],
    ["exactly full with it", { others: [{ containers: [container({ cpu: "480m", memory: "448Mi" })] }] }],
    [
      "with a tolerated taint",
      { node: { taints: [taint] }, pod: { tolerations: [{ ...taint, operator: "Equal" }] } },
    ],
    [
      "with all taints tolerated",
      { node: { taints: [taint] }, pod: { tolerations: [{ operator: "Exists" }] } },
    ],
    [
      "with a taint that is no more than a preference",
      { node: { taints: [{ ...taint, effect: "PreferNoSchedule" }] } },
    ],
    ["if the pod avoids another one", { pod: avoids("node-2") }],
    ["beside pods that have ended", { others: [1, 2, 3].map(() => ({ phase: "Succeeded" })) }],
  ])("%s", async (_, sketch) => {
    expect(await accepted(sketch)).toBe(true);
  });
});

describe("a node does not accept a pod past the scheduler", () => {
  it.each<[string, Sketch]>([
    ["if it is cordoned", { node: { unschedulable: true } }],
    ["if it is not Ready", { status: { conditions: [{ type: "Ready", status: "Unknown" }] } }],
    ["if it reports nothing", { status: { conditions: [] } }],
    ["with a taint", { node: { taints: [taint] } }],
    [
      "with a taint of another value",
      { node: { taints: [taint] }, pod: { tolerations: [{ ...taint, value: "y", operator: "Equal" }] } },
    ],
    [
      "with a taint of another effect",
      { node: { taints: [taint] }, pod: { tolerations: [{ ...taint, effect: "NoExecute" }] } },
    ],
    [
      "with a taint that a comparison tolerates, which not all kubelets know",
      { node: { taints: [taint] }, pod: { tolerations: [{ ...taint, operator: "Gt" }] } },
    ],
    ["if the pod selects other nodes", { pod: { nodeSelector: { disk: "ssd" } } }],
    ["if the pod avoids it", { pod: avoids("node-1") }],
    ["if admission gave the pod a requirement", { pod: requires }],
    ["without CPU", { others: [{ containers: [container({ cpu: "490m" })] }] }],
    ["without memory", { others: [{ containers: [container({ memory: "480Mi" })] }] }],
    ["with as many pods as it may have", { others: [{}, {}] }],
    [
      "without a device that admission made the pod request",
      { pod: { containers: [container({ "example.com/eni": "1" })] } },
    ],
    ["where init containers need more", { others: [{ initContainers: [container({ cpu: "490m" })] }] }],
    [
      "where sidecars run on",
      { others: [{ initContainers: [{ ...container({ cpu: "490m" }), restartPolicy: "Always" }] }] },
    ],
    ["where a pod has an overhead", { others: [{ overhead: { cpu: "490m" } }] }],
    ["where a pod has requests of its own", { others: [{ resources: { requests: { cpu: "490m" } } }] }],
  ])("%s", async (_, sketch) => {
    expect(await accepted(sketch)).toBe(false);
  });

  it("if the node or the pod does not exist", async () => {
    const { api } = createMemoryApi();
    expect(await canRunOnNode(api, { namespace: "shop", name: "probe", node: "node-1" })).toBe(false);
  });
});

describe("the room of a node", () => {
  const running = (cpu: string, metadata: object = {}, phase = "Running") => ({
    metadata,
    spec: { nodeName: "node-1", containers: [container({ cpu })] },
    status: { phase },
  });

  it("is what its pods leave, without those of netverdict and those that have ended", async () => {
    const memory = createMemoryApi();
    memory.put(`${nodesPath()}/node-1`, { status: { allocatable: { cpu: "1930m", pods: "110" } } });
    const byRun = { ownerReferences: [controlledBy("ProbeRun/net-abc", API_VERSION)] };
    memory.put(podsPath("shop", "web"), running("0.25"));
    memory.put(podsPath("shop", "dns"), running("100m"));
    memory.put(podsPath("shop", "job"), running("500m", {}, "Succeeded"));
    memory.put(podsPath("shop", "probe-ui-k4f9qbcd-0"), running("50m", byRun));
    memory.put(podsPath("shop", "hidden"), running("80m", byRun));
    expect(await nodeRoomOf(memory.api, "node-1")).toEqual({
      cpu: 1_930,
      free: { cpu: 1_500, pods: 107 },
    });
  });

  it("is not known of a node that does not exist, and if the operator may not list nodes", async () => {
    const memory = createMemoryApi();
    expect(await nodeRoomOf(memory.api, "node-1")).toBeUndefined();
    memory.before = () => {
      throw rejection(403, "Forbidden");
    };
    expect(await nodeRoomOf(memory.api, "node-1")).toBeUndefined();
    memory.before = () => {
      throw rejection(500, "InternalError", "etcd is down");
    };
    await expect(nodeRoomOf(memory.api, "node-1")).rejects.toThrow("etcd is down");
  });
});
