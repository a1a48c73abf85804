import { describe, expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import type { Metadata } from "../../crds/metadata.ts";
import { readsOf } from "../testing/clusterReads.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import {
  connectivityTest,
  endpointOf,
  expectation,
  pod,
  service,
  slice,
  type Cluster,
} from "../testing/objects.ts";
import { withSelectors } from "../testing/observedCluster.ts";
import { nodePortsFor } from "./nodePorts.ts";
import type { ClusterNode } from "./nodes.ts";

const node = (name: string, ...addresses: string[]): ClusterNode => ({
  name,
  addresses: new Set(addresses),
  internal: new Map(),
});
const nodes = [node("node-1", "192.168.0.1", "fd00:1::1"), node("node-2", "192.168.0.2")];

const NODE_PORT = 30_080;
const HOST_PORT = 8443;
const other = { namespace: "other" };
const web = pod("web", { ...other, ips: ["10.1.0.7"], node: "node-2" });
const exposing = (port: object, spec: object = {}) => ({
  node: "node-1",
  spec: { containers: [{ ports: [{ containerPort: 443, ...port }] }], ...spec },
});
const exposed: Cluster = {
  pods: [pod("ingress", { ...other, ...exposing({ hostPort: HOST_PORT }) })],
  services: [
    service("web", { ...other, type: "NodePort", ports: [{ port: 80, nodePort: NODE_PORT }] }),
    service("udp", { ...other, type: "NodePort", ports: [{ port: 53, nodePort: 30_053, protocol: "UDP" }] }),
  ],
  slices: [slice("web", [endpointOf(web)], other)],
};

/** The node ports among the targets, and the lists that it took to find them. */
async function found(asked: readonly Expectation[], { pods = [], services = [], slices = [] } = exposed) {
  const memory = createMemoryApi();
  const put = (api: string, resource: string, objects: readonly { readonly metadata: Metadata }[]) => {
    for (const object of objects) {
      const { namespace, name } = object.metadata;
      memory.put(`${api}/namespaces/${namespace}/${resource}/${name}`, object);
    }
  };
  put("/api/v1", "pods", pods);
  put("/api/v1", "services", services);
  put("/apis/discovery.k8s.io/v1", "endpointslices", slices);
  const test = connectivityTest({
    spec: { expectations: asked.map((one, index) => ({ ...one, name: `e${index}` })) },
  });
  const ports = await nodePortsFor(test, nodes, readsOf(memory.api));
  return { ports, lists: memory.requests.map(withSelectors) };
}

const tcp = (to: Expectation["to"], port: number) => expectation({ to, tcp: { port } });

describe("a target is a node port of a Service", () => {
  const endpoints = [{ address: "10.1.0.7", port: 8080, node: "node-2" }];

  it.each<[string, Expectation["to"]]>([
    ["the node's name", { node: "node-1" }],
    ["an address of the node", { ip: "192.168.0.1" }],
    ["another notation of it", { ip: "FD00:1:0::1" }],
  ])("by %s, independent of the namespace of the Service", async (_, to) => {
    const { ports } = await found([tcp(to, NODE_PORT)]);
    expect(ports).toMatchObject([{ node: "node-1", port: NODE_PORT, by: "NodePort", endpoints }]);
  });

  it("also where a load balancer uses it", async () => {
    const balanced = service("web", { type: "LoadBalancer", ports: [{ port: 80, nodePort: NODE_PORT }] });
    const { ports } = await found([tcp({ node: "node-2" }, NODE_PORT)], { ...exposed, services: [balanced] });
    expect(ports).toMatchObject([{ node: "node-2", by: "NodePort" }]);
  });
});

it("a target is a host port of a pod on that node alone", async () => {
  const { ports } = await found([tcp({ node: "node-1" }, HOST_PORT), tcp({ ip: "192.168.0.2" }, HOST_PORT)]);
  expect(ports).toEqual([{ node: "node-1", port: HOST_PORT, by: "HostPort" }]);
});

describe("a target is neither", () => {
  it.each<[string, Expectation, Cluster?]>([
    ["at another port", tcp({ node: "node-1" }, 10_250)],
    ["if the node port is one of UDP", tcp({ node: "node-1" }, 30_053)],
    ["if the address is no node's", tcp({ ip: "10.1.0.7" }, NODE_PORT)],
    ["with ping", expectation({ to: { node: "node-1" }, icmp: {} })],
    [
      "if the pod is on the host network, where nothing is translated",
      tcp({ node: "node-1" }, HOST_PORT),
      { pods: [pod("p", exposing({ hostPort: HOST_PORT }, { hostNetwork: true }))] },
    ],
    [
      "if the pod has ended",
      tcp({ node: "node-1" }, HOST_PORT),
      { pods: [pod("p", { ...exposing({ hostPort: HOST_PORT }), status: { phase: "Succeeded" } })] },
    ],
  ])("%s", async (_, one, cluster) => {
    expect((await found([one], cluster ?? exposed)).ports).toEqual([]);
  });
});

it("the lists are made once for all targets, and not at all without a port of a node", async () => {
  const many = [NODE_PORT, NODE_PORT, 30_081].map((port) => tcp({ node: "node-1" }, port));
  expect((await found(many)).lists).toEqual([
    "/api/v1/services spec.type=NodePort",
    "/api/v1/services spec.type=LoadBalancer",
    "/apis/discovery.k8s.io/v1/namespaces/other/endpointslices kubernetes.io/service-name in (web)",
    "/api/v1/pods spec.nodeName=node-1",
  ]);
  expect((await found([tcp({ ip: "10.1.0.7" }, 80), tcp({ host: "db.example" }, 80)])).lists).toEqual([]);
});
