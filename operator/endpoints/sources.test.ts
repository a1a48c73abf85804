import { describe, expect, it } from "vitest";
import { PASSED_GATE } from "../../crds/group.ts";
import { controlledBy, pod, snapshot, type Cluster } from "../testing/objects.ts";
import { findSources, type SourceQuery } from "./sources.ts";

const ui = { app: "ui" };

function find(cluster: Cluster, query: Partial<SourceQuery> = {}) {
  return findSources({
    from: { podSelector: { matchLabels: ui } },
    own: "shop",
    snapshot: snapshot(cluster),
    rotation: 0,
    ...query,
  });
}

describe("the sources of a selector", () => {
  it("are workloads, each with one pod and its count of nodes", () => {
    const pods = [
      pod("ui-1", { labels: ui, owner: "ReplicaSet/ui-77" }),
      pod("ui-2", { labels: ui, owner: "ReplicaSet/ui-88", node: "node-2" }),
      pod("ui-3", { labels: ui, owner: "ReplicaSet/ui-88", node: "node-2" }),
      pod("canary-0", { labels: ui, owner: "StatefulSet/canary" }),
    ];
    const owner = controlledBy("Deployment/ui");
    const replicaSetOwners = new Map([
      ["uid-ui-77", owner],
      ["uid-ui-88", owner],
    ]);
    expect(find({ pods, replicaSetOwners })).toMatchObject({
      sources: [
        { name: "Deployment/ui", nodes: 2 },
        { name: "StatefulSet/canary", nodes: 1, pod: { metadata: { name: "canary-0" } } },
      ],
      findings: [],
    });
  });

  it("are copied from the newest pod that waits for its readiness gate, if there is one", () => {
    const gated = (name: string, creationTimestamp: string, status: "True" | "False") =>
      pod(name, {
        labels: ui,
        owner: "ReplicaSet/ui",
        metadata: {
          name,
          namespace: "shop",
          creationTimestamp,
          labels: ui,
          ownerReferences: [controlledBy("ReplicaSet/ui")],
        },
        spec: { nodeName: `node-of-${name}`, readinessGates: [{ conditionType: PASSED_GATE }] },
        status: { conditions: [{ type: PASSED_GATE, status }] },
      });
    const passed = gated("a", "2026-11-21T12:00:00Z", "True");
    const older = gated("b", "2026-11-21T12:00:01Z", "False");
    const newer = gated("c", "2026-11-21T12:00:02Z", "False");
    for (const rotation of [0, 1, 2])
      expect(find({ pods: [passed, older, newer] }, { rotation }).sources).toMatchObject([
        { pod: { metadata: { name: "c" } }, node: "node-of-c", nodes: 3 },
      ]);
    expect(find({ pods: [passed] }).sources).toMatchObject([{ pod: { metadata: { name: "a" } } }]);
  });

  it.each([
    ["the labels are others", pod("api", { labels: { app: "api" } }), ""],
    ["the namespace is another", pod("ui", { labels: ui, namespace: "other" }), ""],
    [
      "the pod is not up yet",
      pod("ui", { labels: ui, ips: [], status: { phase: "Pending" } }),
      "; Pod/ui is Pending, without an address",
    ],
    ["the pod has no address", pod("ui", { labels: ui, ips: [] }), "; Pod/ui is Running, without an address"],
    ["the pod has ended", pod("ui", { labels: ui, status: { phase: "Succeeded" } }), "; Pod/ui is Succeeded"],
    [
      "the pod is on its way out",
      pod("ui", {
        labels: ui,
        metadata: { name: "ui", namespace: "shop", deletionTimestamp: "2026-11-21T12:00:00Z" },
      }),
      "; Pod/ui is Terminating",
    ],
  ])("are none, and that is said, where %s", (_, one, status) => {
    const { sources, findings } = find({ pods: [one] });
    expect(sources).toEqual([]);
    expect(findings).toEqual([
      {
        reason: "SourceNotFound",
        message: `no running pod matches the source's podSelector${status}`,
        transient: true,
      },
    ]);
  });

  it("are pods in their init containers, since policies apply to a pod that has an address", () => {
    const starting = pod("ui", { labels: ui, status: { phase: "Pending" } });
    expect(find({ pods: [starting] })).toMatchObject({
      sources: [{ name: "Pod/ui", pods: [starting] }],
      findings: [],
    });
  });

  it("are copied from a pod that runs where a workload has one", () => {
    const pods = [
      pod("ui-0", { labels: ui, owner: "StatefulSet/ui", status: { phase: "Pending" } }),
      pod("ui-1", { labels: ui, owner: "StatefulSet/ui" }),
    ];
    expect(find({ pods }).sources).toMatchObject([{ pod: { metadata: { name: "ui-1" } }, pods: [pods[1]] }]);
  });

  it("are not on the host network, and that is said", () => {
    const pods = [
      pod("agent-1", { labels: ui, owner: "DaemonSet/agent", spec: { hostNetwork: true } }),
      pod("ui-1", { labels: ui }),
    ];
    const { sources, findings } = find({ pods });
    expect(sources.map(({ name }) => name)).toEqual(["Pod/ui-1"]);
    expect(findings).toMatchObject([{ reason: "SourceNotReproducible" }]);
    expect(findings[0]?.message).toContain("DaemonSet/agent runs on the host network");
  });

  it("are reproduced by a pod outside the host network where a workload has both", () => {
    const pods = [
      pod("ui-1", { labels: ui, owner: "StatefulSet/ui", spec: { hostNetwork: true } }),
      pod("ui-2", { labels: ui, owner: "StatefulSet/ui" }),
    ];
    const { sources, findings } = find({ pods });
    expect(sources).toMatchObject([{ nodes: 1, pod: { metadata: { name: "ui-2" } } }]);
    expect(findings).toEqual([]);
  });
});

it("the pod to reproduce is on another of the workload's nodes as the rotation goes on", () => {
  const pods = ["node-3", "node-1", "node-2", "node-1"].map((node, index) =>
    pod(`ui-${index}`, { labels: ui, owner: "StatefulSet/ui", node }),
  );
  const chosen = [0, 1, 2, 3].map((rotation) => find({ pods }, { rotation }).sources[0]?.pod);
  expect(chosen.map((one) => one?.spec.nodeName)).toEqual(["node-1", "node-2", "node-3", "node-1"]);
  expect(chosen[0]?.metadata.name).toBe("ui-1");
});

it.each([
  [["10.1.0.1"], ["IPv4"]],
  [
    ["fd00::1", "10.1.0.1"],
    ["IPv6", "IPv4"],
  ],
])("a source with the addresses %j speaks their families", (ips, families) => {
  const [source] = find({ pods: [pod("a", { labels: ui, ips })] }).sources;
  expect(source?.families).toEqual(new Set(families));
});

describe("a node as a source", () => {
  const node = {
    name: "worker-1",
    addresses: new Set<string>(),
    internal: new Map([["IPv4", "192.168.0.1"]] as const),
  };
  const from = { node: "worker-1" };
  const ask = (nodes: readonly (typeof node)[]) =>
    find({}, { from, own: "", snapshot: { ...snapshot({}), nodes } });

  it("is that node, and speaks the families of its own addresses", () => {
    expect(ask([node])).toEqual({
      sources: [{ name: "Node/worker-1", node: "worker-1", families: new Set(["IPv4"]), nodes: 1 }],
      findings: [],
    });
  });

  it("is said to be missing where there is none of the name", () => {
    expect(ask([]).findings).toEqual([{ reason: "SourceNotFound", message: "Node/worker-1 does not exist" }]);
  });
});
