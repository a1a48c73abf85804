import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../crds/group.ts";
import { keyOf } from "../../crds/metadata.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import {
  connectivityTest,
  controlledBy,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  PROBE_POD_FIELDS,
  type PodOptions,
  probeRun,
} from "../testing/objects.ts";
import { cluster } from "../testing/observedCluster.ts";
import { rejection } from "../testing/rejection.ts";
import { createObserver } from "./observe.ts";
import { endpointSliceSchema, serviceSchema } from "./service.ts";
import { snapshotOf } from "./snapshot.ts";
import { workloadOf } from "./workload.ts";
import { workloadPodSchema } from "./workloadPod.ts";

const PODS = "/api/v1/namespaces/shop/pods";
const SERVICES = "/api/v1/namespaces/shop/services";
const POLICIES = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies";
const RULES = ["/api/v1/namespaces/shop/limitranges", "/api/v1/namespaces/shop/resourcequotas"];
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
const ui = (name: string, options: PodOptions = {}) => pod(name, { labels: { app: "ui" }, ...options });
const test = connectivityTest();

it("no more than eight requests are in progress at once, however many namespaces a test selects", async () => {
  const namespaces = Array.from({ length: 300 }, (_, index) => ({ metadata: { name: `shop-${index}` } }));
  let [open, most, asked] = [0, 0, 0];
  const memory = createMemoryApi();
  for (const namespace of namespaces) memory.put(`/api/v1/namespaces/${namespace.metadata.name}`, namespace);
  memory.before = async () => {
    asked += 1;
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    open -= 1;
  };
  const fromAll = { from: { podSelector: {}, namespaceSelector: {} } };
  const expectations = [{ ...expectation({ to: { ip: "10.0.0.9" }, icmp: {} }), ...fromAll }];
  const everywhere = connectivityTest({ metadata: { namespace: "" }, spec: { expectations } });
  const { pods } = await createObserver(readsOf(memory.api), { grants: { values: () => [] } })(everywhere);
  expect([pods.size, asked]).toEqual([300, 1 + 5 * 300]);
  expect(most).toBe(8);
});

describe("the nodes", () => {
  const addresses = [
    { type: "ExternalIP", address: "2001:DB8::1" },
    { type: "InternalIP", address: "192.168.0.1" },
    { type: "InternalIP", address: "192.168.0.2" },
    { type: "Hostname", address: "node-1" },
  ];
  const nodes = [{ metadata: { name: "node-1" }, status: { addresses } }, { metadata: { name: "node-2" } }];
  const seenBy = async (expectations: ReturnType<typeof expectation>[]) => {
    const { observe, asked } = cluster({ lists: { "/api/v1/nodes": nodes } });
    const seen = await observe(connectivityTest({ spec: { expectations } }));
    return { nodes: seen.nodes, isAsked: asked.includes("/api/v1/nodes") };
  };

  it.each([
    ["a node that is the target", expectation({ to: { node: "node-1" }, tcp: { port: 80 } })],
    [
      "an address with a port, which may be a node port",
      expectation({ to: { ip: "10.0.0.1" }, tcp: { port: 80 } }),
    ],
  ])("are looked up for %s, with the addresses that the cluster reaches them by", async (_, one) => {
    expect((await seenBy([one])).nodes).toEqual([
      {
        name: "node-1",
        addresses: new Set(["2001:db8::1", "192.168.0.1", "192.168.0.2"]),
        internal: new Map([["IPv4", "192.168.0.1"]]),
      },
      { name: "node-2", addresses: new Set(), internal: new Map() },
    ]);
  });

  it.each([["10.0.0.1"], ["8.8.8.8"]])("are not looked up for an address without a port (%s)", async (ip) => {
    const pinged = expectation({ to: { ip }, icmp: {}, expect: "Denied" });
    expect(await seenBy([pinged])).toEqual({ nodes: undefined, isAsked: false });
  });
});

describe("observing", () => {
  it("lists the namespaces involved once each, independent of the number of expectations", async () => {
    const { observe, asked } = cluster({ lists: {} });
    const to = (name: string, namespace?: string) =>
      expectation({
        name: `${name}-${namespace}`,
        to: { service: { name, ...(namespace !== undefined && { namespace }) } },
        tcp: { port: 80 },
      });
    const expectations = [to("web"), to("api"), to("web", "catalog"), to("db", "catalog")];
    await observe(connectivityTest({ spec: { expectations } }));
    expect(asked.toSorted()).toEqual(
      [
        "/api/v1/namespaces/catalog/pods",
        "/api/v1/namespaces/catalog/services",
        PODS,
        SERVICES,
        "/apis/discovery.k8s.io/v1/namespaces/catalog/endpointslices kubernetes.io/service-name in (web,db)",
        `${SLICES} kubernetes.io/service-name in (web,api)`,
        "/apis/networking.k8s.io/v1/namespaces/catalog/networkpolicies",
        POLICIES,
        ...RULES,
      ].toSorted(),
    );
  });

  it("looks for no endpoints where no Service is named", async () => {
    const { observe, asked } = cluster({ lists: {} });
    const expectations = [expectation({ to: { ip: "203.0.113.10" }, icmp: {} })];
    const seen = await observe(connectivityTest({ spec: { expectations } }));
    expect(asked.toSorted()).toEqual([...RULES, PODS, SERVICES, POLICIES].toSorted());
    expect(seen).toEqual(
      snapshotOf({
        pods: new Map([["shop", []]]),
        services: new Map(),
        slices: new Map(),
        policies: new Map([
          ["shop", []],
          ["", []],
        ]),
        namespaceLimits: new Map([["shop", { limitRanges: [], quotas: [] }]]),
        grants: [],
        replicaSetOwners: new Map(),
      }),
    );
  });

  it("finds Services and their slices by name", async () => {
    const [one, other] = [slice("web", []), slice("web", [])];
    const slices = [one, { ...other, metadata: { ...other.metadata, name: "web-y" } }];
    const { observe, memory } = cluster({ lists: { [SERVICES]: [service("web")], [SLICES]: slices } });
    const seen = await observe(test);
    const [web] = memory.at(SERVICES).map((stored) => serviceSchema.parse(stored));
    expect(web).toMatchObject({ spec: service("web").spec });
    expect(seen.services).toEqual(new Map([["shop/web", web]]));
    const stored = memory.at(SLICES).map((each) => endpointSliceSchema.parse(each));
    expect(stored).toHaveLength(2);
    expect(seen.slices).toEqual(new Map([["shop/web", stored]]));
  });

  it("looks at pods after the slices, so that it knows every pod which is in one", async () => {
    const { observe, asked } = cluster({ lists: {} });
    await observe(test);
    expect(asked.at(-1)).toBe(PODS);
  });

  it("has a workload as a source and a target that only refers to a ProbeRun as its owner", async () => {
    const run = probeRun({ id: "abc" });
    const owner = { ...controlledBy(`ProbeRun/${run.metadata.name}`, API_VERSION), uid: run.metadata.uid };
    const hidden = ui("hidden", {
      metadata: { name: "hidden", uid: "uid-hidden", labels: { app: "ui" }, ownerReferences: [owner] },
    });
    const { observe } = cluster({
      lists: { [PODS]: [hidden], [SLICES]: [slice("web", [endpointOf(hidden)])] },
      runs: new Map([[keyOf(run.metadata), run]]),
    });
    const seen = await observe(test);
    expect(seen.pods.get("shop")?.map(({ metadata }) => metadata.name)).toEqual(["hidden"]);
    expect(seen.slices.get("shop/web")).toMatchObject([
      { endpoints: [{ targetRef: { uid: "uid-hidden" } }] },
    ]);
  });

  it("leaves out what netverdict made: as pods, and as endpoints of a Service that publishes them unready", async () => {
    const workload = ui("ui-1");
    const probe = ui("probe-ui", {
      metadata: {
        name: "probe-ui",
        uid: "uid-probe",
        labels: { app: "ui" },
        ownerReferences: [controlledBy("ProbeRun/net-abc", API_VERSION)],
      },
      spec: PROBE_POD_FIELDS,
    });
    const endpoints = [endpointOf(workload), endpointOf(probe), { addresses: ["192.0.2.1"] }];
    const { observe, memory } = cluster({
      lists: { [PODS]: [workload, probe], [SLICES]: [slice("web", endpoints)] },
    });
    const seen = await observe(test);
    const stored = memory.at(`${PODS}/ui-1`).map((each) => workloadPodSchema.parse(each));
    expect(stored).toMatchObject([{ metadata: { uid: workload.metadata.uid } }]);
    expect(seen.pods.get("shop")).toEqual(stored);
    expect(seen.slices.get("shop/web")).toEqual(
      memory.at(SLICES).map((each) =>
        endpointSliceSchema.parse({
          ...each,
          endpoints: [endpointOf(workload), { addresses: ["192.0.2.1"] }],
        }),
      ),
    );
  });
});

describe("the owners of ReplicaSets", () => {
  const names = (
    pods: readonly ReturnType<typeof pod>[],
    seen: Awaited<ReturnType<ReturnType<typeof createObserver>>>,
  ) => pods.map((one) => workloadOf(one, seen.replicaSetOwners));
  const rsPath = (name: string) => `/apis/apps/v1/namespaces/shop/replicasets/${name}`;

  it("are looked up for pods that a selector matches, once for each ReplicaSet, and remembered", async () => {
    const pods = [
      ui("ui-1", { owner: "ReplicaSet/ui-77" }),
      ui("ui-2", { owner: "ReplicaSet/ui-77" }),
      ui("ui-3", { owner: "ReplicaSet/old" }),
      ui("db-0", { owner: "StatefulSet/db" }),
      pod("other", { owner: "ReplicaSet/other" }),
    ];
    const { observe, asked } = cluster({
      lists: { [PODS]: pods },
      controllers: { "ui-77": "Deployment/ui" },
    });
    const seen = await observe(test);
    expect(names(pods.slice(0, 4), seen)).toEqual([
      "Deployment/ui",
      "Deployment/ui",
      "ReplicaSet/old",
      "StatefulSet/db",
    ]);
    expect(asked.filter((path) => path.includes("replicasets"))).toEqual([rsPath("ui-77"), rsPath("old")]);
    asked.length = 0;
    expect(names(pods, await observe(test))[0]).toBe("Deployment/ui");
    expect(asked.filter((path) => path.includes("replicasets"))).toEqual([]);
  });

  it("are looked up for pods that are targets too", async () => {
    const db = pod("db-1", { labels: { app: "db" }, owner: "ReplicaSet/db-77" });
    const { observe } = cluster({ lists: { [PODS]: [db] }, controllers: { "db-77": "Deployment/db" } });
    const expectations = [expectation({ to: { podSelector: { matchLabels: { app: "db" } } }, icmp: {} })];
    expect(names([db], await observe(connectivityTest({ spec: { expectations } })))).toEqual([
      "Deployment/db",
    ]);
  });

  it("that cannot be looked up are an error: a workload under another name would be another one", async () => {
    const pods = [ui("ui-1", { owner: "ReplicaSet/ui-77" })];
    const error = rejection(403, "Forbidden");
    const { observe, memory } = cluster({ lists: { [PODS]: pods } });
    memory.before = ({ verb }) => {
      if (verb === "get") throw error;
    };
    await expect(observe(test)).rejects.toBe(error);
  });

  it("are all there where they are more than can be remembered, and the oldest are looked up again the next time", async () => {
    const pods = [ui("ui-1", { owner: "ReplicaSet/ui-77" })];
    const { observe, asked, put } = cluster({
      lists: { [PODS]: pods },
      controllers: { "ui-77": "Deployment/ui" },
    });
    await observe(test);
    put(PODS, ...["a", "b", "c"].map((name) => ui(name, { owner: `ReplicaSet/${name}` })));
    const seen = await observe(test);
    expect(seen.replicaSetOwners.size).toBe(4);
    expect(names(pods.slice(0, 1), seen)).toEqual(["Deployment/ui"]);
    asked.length = 0;
    expect(names(pods.slice(0, 1), await observe(test))).toEqual(["Deployment/ui"]);
    expect(asked.filter((path) => path.includes("replicasets"))).toHaveLength(2);
  });
});
