import { describe, expect, it } from "vitest";
import type { Family } from "../crds/words.ts";
import type { ClusterNode } from "./nodes.ts";
import { expandTarget } from "./targets.ts";
import { expectation, surroundings } from "./testing/objects.ts";

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

const expand = (nodes: readonly ClusterNode[], families?: readonly Family[]) =>
  expandTarget({
    expectation: expectation({ to: { node: "worker-1" }, tcp: { port: 10_250 } }),
    namespace: "shop",
    families,
    surroundings: { ...surroundings(), nodes },
  });

describe("a node", () => {
  it("is its addresses of both families, on the network of itself", () => {
    const { addresses, findings } = expand([node("worker-2", new Map()), both]);
    const shared = { to: "Node/worker-1", kind: "Node", port: 10_250, backendCount: 1 };
    expect(addresses).toMatchObject([
      { ...shared, family: "IPv4", address: "192.168.0.1" },
      { ...shared, family: "IPv6", address: "fd00::1" },
    ]);
    expect(addresses[0]?.backends).toMatchObject([{ name: "worker-1", node: "worker-1", hostNetwork: true }]);
    expect(findings).toEqual([]);
  });

  it("is tried in the families asked for, and one that it lacks is told", () => {
    const { addresses, findings } = expand(
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
    expect(expand(nodes)).toEqual({ addresses: [], findings: [{ reason: "TargetNotFound", message }] });
  });
});
