import { describe, expect, it } from "vitest";
import type { Family } from "../../crds/vocabulary.ts";
import { endpointOf, expectation, pod, service, slice, snapshot, type Cluster } from "../testing/objects.ts";
import type { ExpandedTarget } from "./targetAddress.ts";
import { expandTarget } from "./targets.ts";

interface Question {
  readonly port?: number | string;
  readonly families?: readonly Family[];
  readonly namespace?: string;
}

/** What `tcp` to the Service web comes to. */
function expand(cluster: Cluster, { port = 80, families, namespace }: Question = {}): ExpandedTarget {
  const to = { service: { name: "web", ...(namespace !== undefined && { namespace }) } };
  return expandTarget({
    expectation: expectation({ to, tcp: { port } }),
    namespace: "shop",
    families,
    snapshot: snapshot(cluster),
  });
}

const sockets = ({ addresses }: ExpandedTarget) =>
  addresses.map(({ kind, address, port }) => `${kind} ${address} ${port}`);

const a = pod("a", { ips: ["10.1.0.1"], node: "node-1" });
const b = pod("b", { ips: ["10.1.0.2"], node: "node-2" });

describe("a Service with a cluster address", () => {
  it("is that address at its own port, and every ready endpoint at the port of the pods", () => {
    const slices = [slice("web", [endpointOf(a), endpointOf(b)])];
    const expanded = expand({ pods: [a, b], services: [service("web")], slices });
    expect(sockets(expanded)).toEqual([
      "ClusterAddress 10.96.0.1 80",
      "Endpoint 10.1.0.1 8080",
      "Endpoint 10.1.0.2 8080",
    ]);
    expect(expanded.findings).toEqual([]);
    expect(expanded.addresses.map(({ backends }) => backends.map(({ name }) => name))).toEqual([
      ["a", "b"],
      ["a"],
      ["b"],
    ]);
  });

  it("leaves out endpoints that are not ready or terminating", () => {
    const conditions = [{ ready: false }, { ready: false, terminating: true, serving: true }];
    const others = conditions.map((condition) => endpointOf(b, { conditions: condition }));
    const slices = [slice("web", [endpointOf(a), ...others])];
    const { addresses } = expand({ pods: [a, b], services: [service("web")], slices });
    expect(addresses).toHaveLength(2);
    expect(addresses[0]).toMatchObject({ backendCount: 1, backends: [{ name: "a" }] });
  });

  it("is that address alone where no endpoint is ready, so that a denial can be told from a dead target", () => {
    const { addresses, findings } = expand({ services: [service("web")] });
    expect(addresses).toEqual([
      {
        to: "Service/web",
        kind: "ClusterAddress",
        family: "IPv4",
        address: "10.96.0.1",
        port: 80,
        backends: [],
        backendCount: 0,
        provesSource: false,
      },
    ]);
    expect(findings).toEqual([]);
  });

  it("comes to 8 of 31 endpoints, spread over nodes", () => {
    const pods = Array.from({ length: 31 }, (_, index) =>
      pod(`p-${index}`, { ips: [`10.1.0.${index}`], node: index < 25 ? "node-1" : `node-${index}` }),
    );
    const slices = [
      slice(
        "web",
        pods.map((one) => endpointOf(one)),
      ),
    ];
    const { addresses } = expand({ pods, services: [service("web")], slices });
    const endpoints = addresses.filter(({ kind }) => kind === "Endpoint");
    expect(addresses.every(({ backendCount }) => backendCount === 31)).toBe(true);
    expect(endpoints).toHaveLength(8);
    expect(new Set(endpoints.map(({ backends: [backend] }) => backend?.node)).size).toBe(7);
    expect(addresses[0]?.backends).toHaveLength(8);
  });

  it("is found by the name of its port", () => {
    const ports = [
      { name: "http", port: 80 },
      { name: "admin", port: 81 },
    ];
    const slices = [
      slice("web", [endpointOf(a)], {
        ports: [
          { name: "http", port: 8080 },
          { name: "admin", port: 9090 },
        ],
      }),
    ];
    const cluster = { pods: [a], services: [service("web", { ports })], slices };
    expect(sockets(expand(cluster, { port: "admin" }))).toEqual([
      "ClusterAddress 10.96.0.1 81",
      "Endpoint 10.1.0.1 9090",
    ]);
  });

  it("is named with its namespace where that is not the test's own, and its pods are those there", () => {
    const foreign = { namespace: "catalog" };
    const there = pod("a", { ...foreign, spec: { hostNetwork: true } });
    const here = pod("a");
    const { addresses } = expand(
      {
        pods: [here, there],
        services: [service("web", foreign)],
        slices: [slice("web", [endpointOf(there)], foreign)],
      },
      foreign,
    );
    expect(new Set(addresses.map(({ to }) => to))).toEqual(new Set(["Service/web.catalog"]));
    expect(addresses[1]?.backends[0]).toMatchObject({ name: "10.1.0.1", hostNetwork: true });
  });
});

describe("a headless Service", () => {
  const headless = service("web", { clusterIPs: ["None"] });

  it("is its ready endpoints alone", () => {
    const slices = [slice("web", [endpointOf(a)])];
    expect(sockets(expand({ pods: [a], services: [headless], slices }))).toEqual(["Endpoint 10.1.0.1 8080"]);
  });

  it.each([undefined, ["IPv4", "IPv6"] as const])("without any is not found (families: %s)", (families) => {
    expect(expand({ services: [headless] }, families && { families })).toEqual({
      addresses: [],
      findings: [
        {
          reason: "TargetNotFound",
          message: "Service/web has neither a cluster address nor a ready endpoint",
        },
      ],
    });
  });
});

describe("a Service of two families", () => {
  const dual = service("web", { clusterIPs: ["10.96.0.1", "fd96::1"] });
  const six = pod("six", { ips: ["fd00::1"] });
  const slices = [slice("web", [endpointOf(a)]), slice("web", [endpointOf(six)], { addressType: "IPv6" })];
  const cluster = { pods: [a, six], services: [dual], slices };

  it("is its addresses and endpoints in both", () => {
    expect(sockets(expand(cluster))).toEqual([
      "ClusterAddress 10.96.0.1 80",
      "Endpoint 10.1.0.1 8080",
      "ClusterAddress fd96::1 80",
      "Endpoint fd00::1 8080",
    ]);
  });

  it("is the family asked for alone", () => {
    expect(sockets(expand(cluster, { families: ["IPv6"] }))).toEqual([
      "ClusterAddress fd96::1 80",
      "Endpoint fd00::1 8080",
    ]);
  });

  it("counts the endpoints of each family", () => {
    expect(expand(cluster).addresses.map(({ backendCount }) => backendCount)).toEqual([1, 1, 1, 1]);
  });
});

it("a family that was asked for and is not the Service's is said, beside the one that is", () => {
  const { addresses, findings } = expand({ services: [service("web")] }, { families: ["IPv4", "IPv6"] });
  expect(addresses).toHaveLength(1);
  expect(findings).toEqual([{ reason: "TargetNotFound", message: "Service/web has no IPv6 address" }]);
});

describe("a Service is no target, and that is said,", () => {
  const alias = service("web", { type: "ExternalName", clusterIPs: [], ports: [] });
  const udp = service("web", { ports: [{ port: 80, protocol: "UDP" }] });
  const sctp = service("web", { ports: [{ port: 80, protocol: "SCTP" }] });

  it.each([
    ["where there is none", [], "TargetNotFound", "Service shop/web does not exist"],
    ["where it is an alias", [alias], "TargetNotSupported", "is an ExternalName"],
    ["where its port is UDP", [udp], "TargetNotSupported", "port 80 of Service/web is UDP, not TCP"],
    ["where its port is SCTP", [sctp], "TargetNotSupported", "port 80 of Service/web is SCTP, not TCP"],
  ])("%s", (...[, services, reason, message]) => {
    const { addresses, findings } = expand({ services });
    expect(addresses).toEqual([]);
    expect(findings).toMatchObject([{ reason }]);
    expect(findings[0]?.message).toContain(message);
  });

  it.each([81, "http"])("where it has no port %s", (port) => {
    expect(expand({ services: [service("web")] }, { port })).toEqual({
      addresses: [],
      findings: [{ reason: "TargetNotFound", message: `Service/web has no port ${port}` }],
    });
  });
});

describe("a Service without a selector", () => {
  const outside = { addresses: ["192.0.2.7"] };

  it("is its address and what its slices name, which is no sign of life", () => {
    const { addresses } = expand({ services: [service("web")], slices: [slice("web", [outside])] });
    expect(addresses).toMatchObject([
      { kind: "ClusterAddress", provesSource: false },
      {
        kind: "Endpoint",
        address: "192.0.2.7",
        provesSource: false,
        backends: [{ name: "192.0.2.7", uid: "", node: "", readinessOnPort: false }],
      },
    ]);
  });
});
