import { describe, expect, it } from "vitest";
import type { Expect, Family } from "../../crds/vocabulary.ts";
import { endpointOf, expectation, pod, service, slice, snapshot, type Cluster } from "../testing/objects.ts";
import type { ExpandedTarget } from "./targetAddress.ts";
import { expandTarget } from "./targets.ts";

interface Question {
  readonly port?: number | string;
  readonly families?: readonly Family[];
  readonly namespace?: string;
  readonly expect?: Expect;
}

/** What `tcp` to the Service web comes to. */
function expand(cluster: Cluster, question: Question = {}): ExpandedTarget {
  const { port = 80, families, namespace, expect: expected = "Allowed" } = question;
  const to = { service: { name: "web", ...(namespace !== undefined && { namespace }) } };
  return expandTarget({
    expectation: expectation({ to, tcp: { port }, expect: expected }),
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

  it("is that address alone where no endpoint is ready, so that a denial can be distinguished from a dead target", () => {
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
  const cluster = {
    pods: [a, b],
    services: [headless],
    slices: [slice("web", [endpointOf(a), endpointOf(b)])],
  };
  const differing = { port: 80, targetPort: 8080 };

  it("translates no port: its ready endpoints are dialled at the Service's own port, as its clients do", () => {
    const expanded = expand(cluster);
    expect(sockets(expanded)).toEqual(["Endpoint 10.1.0.1 80", "Endpoint 10.1.0.2 80"]);
    expect(expanded.addresses.map(({ headless: ports }) => ports)).toEqual([differing, differing]);
  });

  it("must be closed at the target port as well, which its SRV records name", () => {
    const expanded = expand(cluster, { expect: "Denied" });
    expect(sockets(expanded)).toEqual([
      "Endpoint 10.1.0.1 80",
      "Endpoint 10.1.0.1 8080",
      "Endpoint 10.1.0.2 80",
      "Endpoint 10.1.0.2 8080",
    ]);
    expect(expanded.addresses.every(({ backendCount }) => backendCount === 2)).toBe(true);
  });

  it.each(["Allowed", "Denied"] as const)("has one port where both are the same (%s)", (expect_) => {
    const same = [slice("web", [endpointOf(a)], { ports: [{ name: "", port: 80 }] })];
    const expanded = expand({ ...cluster, slices: same }, { expect: expect_ });
    expect(sockets(expanded)).toEqual(["Endpoint 10.1.0.1 80"]);
    expect(expanded.addresses[0]).not.toHaveProperty("headless");
  });

  it("has each address once while its target port changes, and has two slices", () => {
    const before = slice("web", [endpointOf(a)]);
    const after = slice("web", [endpointOf(a)], { ports: [{ name: "", port: 8081 }] });
    const { addresses } = expand({ ...cluster, slices: [before, after] });
    expect(addresses).toMatchObject([{ address: "10.1.0.1", port: 80, backendCount: 1 }]);
  });

  it("is proven by a readiness probe of the dialled port alone", () => {
    const probed = pod("a", {
      spec: { containers: [{ readinessProbe: { tcpSocket: { port: 8080 } } }] },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    const { addresses } = expand(
      { ...cluster, pods: [probed], slices: [slice("web", [endpointOf(probed)])] },
      { expect: "Denied" },
    );
    expect(addresses.map(({ port, backends: [backend] }) => [port, backend?.readinessOnPort])).toEqual([
      [80, false],
      [8080, true],
    ]);
  });

  it.each([undefined, ["IPv4", "IPv6"] as const])("without any is not found (families: %s)", (families) => {
    expect(expand({ services: [headless] }, families && { families })).toEqual({
      addresses: [],
      findings: [
        {
          reason: "TargetNotFound",
          message: "Service/web has neither a cluster address nor a ready endpoint",
          transient: true,
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
    // Another attempt may find a Service that does not exist yet.
    expect(findings[0]?.transient).toBe(services.length === 0 ? true : undefined);
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

  it("is its address and what its slices name, which is no proof of the source", () => {
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
