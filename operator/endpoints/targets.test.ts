import { describe, expect, it } from "vitest";
import type { Expectation } from "../../crds/expectation.ts";
import type { Family } from "../../crds/vocabulary.ts";
import type { ClusterNode } from "../cluster/nodes.ts";
import { expectation, snapshot } from "../testing/objects.ts";
import { expandTarget } from "./targets.ts";

const expand = (ask: Expectation, families?: readonly Family[]) =>
  expandTarget({ expectation: ask, namespace: "shop", families, snapshot: snapshot() });

describe("a host", () => {
  const ask = expectation({ to: { host: "www.example.com" }, http: { port: 443 } });

  it("is tried by name in both families, for the source alone can resolve it", () => {
    expect(expand(ask)).toEqual({
      addresses: (["IPv4", "IPv6"] as const).map((family) => ({
        to: "www.example.com",
        kind: "Host",
        family,
        host: "www.example.com",
        port: 443,
        provesSource: false,
        backends: [],
        backendCount: 0,
      })),
      findings: [],
    });
  });

  it("is tried in the families asked for", () => {
    expect(expand(ask, ["IPv6"]).addresses.map(({ family }) => family)).toEqual(["IPv6"]);
  });
});

describe("an address", () => {
  const to = (ip: string) => expectation({ to: { ip }, tcp: { port: 22 } });

  it.each([
    ["203.0.113.10", "IPv4"],
    ["2001:db8::1", "IPv6"],
  ])("%s is %s", (ip, family) => {
    const { addresses, findings } = expand(to(ip));
    expect(addresses).toMatchObject([{ to: ip, kind: "Address", family, address: ip, port: 22 }]);
    expect(findings).toEqual([]);
  });

  it("is no proof of the source, for it may be the own node's", () => {
    expect(expand(to("10.1.0.1")).addresses[0]?.provesSource).toBe(false);
  });

  it("has no port with icmp", () => {
    expect(expand(expectation({ to: { ip: "203.0.113.10" }, icmp: {} })).addresses[0]).not.toHaveProperty(
      "port",
    );
  });

  it("is tried where its family is one of those asked for, and the other is said to be missing", () => {
    const { addresses, findings } = expand(to("203.0.113.10"), ["IPv4", "IPv6"]);
    expect(addresses).toHaveLength(1);
    expect(findings).toEqual([{ reason: "TargetNotFound", message: "203.0.113.10 has no IPv6 address" }]);
  });

  it("is not tried where its family is not asked for", () => {
    const { addresses, findings } = expand(to("203.0.113.10"), ["IPv6"]);
    expect(addresses).toEqual([]);
    expect(findings).toHaveLength(1);
  });
});

describe("the pod's own resolver", () => {
  const ask = expectation({ to: undefined, dns: { name: "web.shop.svc.cluster.local" } });

  it("is asked for the name, and is no proof of the source, for it may be a cache on the node", () => {
    expect(expand(ask, ["IPv4"]).addresses).toEqual([
      {
        to: "the pod's resolver",
        kind: "Resolver",
        family: "IPv4",
        host: "web.shop.svc.cluster.local",
        provesSource: false,
        backends: [],
        backendCount: 0,
      },
    ]);
  });

  it("may be asked in either family: which one depends on the source", () => {
    expect(expand(ask).addresses.map(({ family }) => family)).toEqual(["IPv4", "IPv6"]);
  });
});

describe("a named server", () => {
  const ask = (server: string) => expectation({ to: undefined, dns: { name: "web", server } });

  it.each([
    ["10.96.0.10", "IPv4"],
    ["2001:db8::53", "IPv6"],
  ])(
    "%s is asked over %s, and is no proof of the source, for it may be a cache on the node",
    (server, family) => {
      expect(expand(ask(server))).toEqual({
        addresses: [
          {
            to: server,
            kind: "Address",
            family,
            address: server,
            host: "web",
            provesSource: false,
            backends: [],
            backendCount: 0,
          },
        ],
        findings: [],
      });
    },
  );

  it("has one address, so another family that is asked for is missing", () => {
    expect(expand(ask("10.96.0.10"), ["IPv6"])).toEqual({
      addresses: [],
      findings: [{ reason: "TargetNotFound", message: "10.96.0.10 has no IPv6 address" }],
    });
  });
});

it("an expectation that names no target, which the schema refuses, would still not go silent", () => {
  const { to: _, ...rest } = expectation({ to: { ip: "203.0.113.10" }, icmp: {} });
  for (const nowhere of [rest, { ...rest, to: {} }]) {
    expect(expand(nowhere)).toMatchObject({ addresses: [], findings: [{ reason: "TargetNotFound" }] });
  }
});

const node = (name: string, internal: ClusterNode["internal"]): ClusterNode => ({
  name,
  internal,
  addresses: new Set(internal.values()),
});
const both = node(
  "worker-1",
  new Map([
    ["IPv6", "fd00::1"],
    ["IPv4", "192.168.0.1"],
  ] as const),
);

const expandNode = (nodes: readonly ClusterNode[], families?: readonly Family[]) =>
  expandTarget({
    expectation: expectation({ to: { node: "worker-1" }, tcp: { port: 10_250 } }),
    namespace: "shop",
    families,
    snapshot: { ...snapshot(), nodes },
  });

describe("a node", () => {
  it("is its addresses of both families, on the network of itself", () => {
    const { addresses, findings } = expandNode([node("worker-2", new Map()), both]);
    const shared = { to: "Node/worker-1", kind: "Node", port: 10_250, backendCount: 1 };
    expect(addresses).toMatchObject([
      { ...shared, family: "IPv4", address: "192.168.0.1" },
      { ...shared, family: "IPv6", address: "fd00::1" },
    ]);
    expect(addresses[0]?.backends).toMatchObject([{ name: "worker-1", node: "worker-1", hostNetwork: true }]);
    expect(findings).toEqual([]);
  });

  it("is tried in the families asked for, and one that it lacks is reported", () => {
    const { addresses, findings } = expandNode(
      [node("worker-1", new Map([["IPv6", "fd00::1"]]))],
      ["IPv4", "IPv6"],
    );
    expect(addresses.map(({ address }) => address)).toEqual(["fd00::1"]);
    expect(findings).toEqual([{ reason: "TargetNotFound", message: "Node/worker-1 has no IPv4 address" }]);
  });

  it.each([
    ["that does not exist", [], "Node/worker-1 does not exist"],
    ["without an address", [node("worker-1", new Map())], "Node/worker-1 has no address of type InternalIP"],
  ])("%s is not found", (_, nodes, message) => {
    expect(expandNode(nodes)).toEqual({ addresses: [], findings: [{ reason: "TargetNotFound", message }] });
  });
});
