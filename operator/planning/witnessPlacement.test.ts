import { describe, expect, it } from "vitest";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { pod, snapshot } from "../testing/objects.ts";
import { expectation } from "../testing/objects.ts";
import { witnessStandpoint, type WitnessSettings } from "./witnessPlacement.ts";

const sourceOn = (node: string) => ({
  name: "Deployment/ui",
  pod: pod("ui", { node }),
  pods: [],
  nodes: 1,
  node,
  families: new Set(["IPv4"] as const),
});

const web = pod("web", { ips: ["10.1.9.9", "fd00::9"], node: "node-2" });
const agent = pod("agent", { ips: ["192.168.0.3"], node: "node-3", spec: { hostNetwork: true } });
const ended = pod("ended", { ips: ["10.1.9.8"], status: { phase: "Succeeded" } });

const asTarget = { name: "node-4", uid: "", node: "node-4", hostNetwork: true, readinessOnPort: false };

interface Case {
  readonly kind?: TargetAddress["kind"];
  readonly allow?: readonly string[];
  readonly enabled?: boolean;
  readonly expect?: "Allowed" | "Denied";
  readonly nodeAddresses?: readonly string[] | undefined;
  /** More of the target. */
  readonly target?: Partial<TargetAddress>;
  /** 80 if left out; null: the tool has none. */
  readonly port?: number | null;
}

const nodeFor = (address: string | undefined, options: Case = {}) => standFor(address, options)?.node;

function standFor(address: string | undefined, options: Case) {
  const { kind = "Address", allow = [], enabled = true, expect: expected = "Denied" } = options;
  const { nodeAddresses = ["192.168.0.3", "5.6.7.8"], port = 80 } = options;
  const settings: WitnessSettings = { enabled, allow };
  const seen = {
    ...snapshot({ pods: [web, agent, ended] }),
    nodes: nodeAddresses.map((one) => ({ name: one, addresses: new Set([one]), internal: new Map() })),
    apiServer: new Set(["10.96.0.1 443", "192.168.0.3 6443"]),
  };
  const target: TargetAddress = {
    to: "it",
    kind,
    family: "IPv4",
    ...(port !== null && { port }),
    backends: [],
    backendCount: 0,
    provesSource: false,
    ...(address !== undefined && { address }),
    ...options.target,
  };
  const candidate = {
    expectation: expectation({ expect: expected, to: { ip: "10.0.0.1" }, tcp: { port: 80 } }),
    source: sourceOn("node-1"),
    target,
    familyAsked: false,
  };
  return witnessStandpoint(candidate, { snapshot: seen, settings });
}

describe("a witness goes", () => {
  it.each([
    ["to a pod's own address, from the pod's node", "10.1.9.9", { kind: "Endpoint" }, "node-2"],
    ["there also where the author wrote the address, however it is spelled", "FD00:0::9", {}, "node-2"],
    ["outside, from the node that the probe prefers", "8.8.8.8", {}, "node-1"],
    ["to a private address that the administrator allows", "10.5.0.1", { allow: ["10.5.0.0/16"] }, "node-1"],
    ["to a host-network pod that is allowed", "192.168.0.3", { allow: ["192.168.0.0/24"] }, "node-3"],
    [
      "to a node that is the target, from itself and where the administrator allows it",
      "192.168.0.4",
      { kind: "Node", allow: ["192.168.0.0/24"], target: { backends: [asTarget] } },
      "node-4",
    ],
    [
      "to a node port at an address, from the node that has it",
      "192.168.0.4",
      {
        allow: ["192.168.0.0/24"],
        target: { translated: { node: "node-4", by: "NodePort", from: "OtherNode" } },
      },
      "node-4",
    ],
    ["to the API server's cluster address", "10.96.0.1", { kind: "ClusterAddress", port: 443 }, "node-1"],
    ["there also where the author wrote the address", "10.96.0.1", { port: 443 }, "node-1"],
    ["to the API server's own address", "192.168.0.3", { kind: "Endpoint", port: 6443 }, "node-1"],
  ] as const)("%s", (...[, address, options, node]) => {
    expect(nodeFor(address, options)).toBe(node);
  });
});

describe("no witness goes", () => {
  it.each([
    ["anywhere for an Allowed expectation", "10.1.9.9", { expect: "Allowed" }],
    ["anywhere where they are switched off", "10.1.9.9", { enabled: false }],
    ["to a cluster address, which its backends prove", "8.8.8.8", { kind: "ClusterAddress" }],
    ["to a private address", "10.5.0.1", {}],
    ["to an endpoint that is no pod's own address", "10.5.0.1", { kind: "Endpoint" }],
    ["to the address of a pod that has ended", "10.1.9.8", {}],
    ["to a host-network pod, which has its node's address", "192.168.0.3", { kind: "Endpoint" }],
    ["to a node that is the target", "192.168.0.4", { kind: "Node", target: { backends: [asTarget] } }],
    ["to a node, even at a public address", "5.6.7.8", {}],
    ["to the metadata of a cloud", "169.254.169.254", {}],
    ["to a name", undefined, { kind: "Host" }],
    ["to another port of the API server's node", "192.168.0.3", { port: 10_250 }],
    ["to another port of its cluster address", "10.96.0.1", { kind: "ClusterAddress", port: 6443 }],
    ["to its node by ping", "192.168.0.3", { port: null }],
  ] as const)("%s", (_, address, options) => {
    expect(nodeFor(address, options)).toBeUndefined();
  });

  it("outside as long as the addresses of the nodes are not known", () => {
    const candidate = snapshot();
    expect(candidate.nodes).toBeUndefined();
    const settings = { enabled: true, allow: [] };
    const source = sourceOn("node-1");
    const target = { to: "it", kind: "Address", family: "IPv4", address: "8.8.8.8", port: 80 } as const;
    const path = { ...target, backends: [], backendCount: 0, provesSource: false };
    const denied = expectation({ expect: "Denied", to: { ip: "8.8.8.8" }, tcp: { port: 80 } });
    const context = { snapshot: candidate, settings };
    expect(
      witnessStandpoint({ expectation: denied, source, target: path, familyAsked: false }, context),
    ).toBeUndefined();
  });
});
