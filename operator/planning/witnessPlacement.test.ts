import { describe, expect, it } from "vitest";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { endpointOf, expectation, pod, service, slice, snapshot } from "../testing/objects.ts";
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

/** Pods of other namespaces, of which the test names one Service each: vault/vault with 8080, and headless store/db with 3306. */
const vault = pod("vault", { namespace: "vault", ips: ["10.2.0.1"], node: "node-5" });
const hidden = pod("hidden", { namespace: "vault", ips: ["10.2.0.2"], node: "node-5" });
const db = pod("db", { namespace: "store", ips: ["10.3.0.1"], node: "node-6" });
const exporter = pod("exporter", {
  namespace: "vault",
  ips: ["192.168.0.9"],
  node: "node-7",
  spec: { hostNetwork: true },
});
const named = {
  services: [
    service("vault", { namespace: "vault" }),
    service("db", { namespace: "store", clusterIPs: ["None"] }),
  ],
  slices: [
    slice("vault", [endpointOf(vault), endpointOf(exporter)], { namespace: "vault" }),
    slice("db", [endpointOf(db)], { namespace: "store", ports: [{ name: "", port: 3306 }] }),
    // By hand: the pod of a third namespace is no endpoint of the Service's own namespace.
    slice("by-hand", [endpointOf(hidden), endpointOf(db)], { ports: [{ name: "", port: 9100 }] }),
    slice("by-hand", [endpointOf(hidden)], { namespace: "store", ports: [{ name: "", port: 9100 }] }),
  ],
};
const headless = { headless: { port: 80, targetPort: 3306 } };

const asTarget = { name: "node-4", uid: "", node: "node-4", hostNetwork: true, readinessOnPort: false };

interface Case {
  readonly kind?: TargetAddress["kind"];
  readonly allow?: readonly string[];
  readonly enabled?: boolean;
  readonly expect?: "Allowed" | "Denied";
  /** The test's own; "": a ClusterConnectivityTest. Left out: `shop`. */
  readonly namespace?: string;
  /** More of the target. */
  readonly target?: Partial<TargetAddress>;
  /** 80 if left out; null: the tool has none. */
  readonly port?: number | null;
}

const nodeFor = (address: string | undefined, options: Case = {}) => standFor(address, options)?.node;

function standFor(address: string | undefined, options: Case) {
  const { kind = "Address", allow = [], enabled = true, expect: expected = "Denied" } = options;
  const { namespace = "shop", port = 80 } = options;
  const settings: WitnessSettings = { enabled, allow };
  const seen = {
    ...snapshot({ pods: [web, agent, ended, vault, hidden, db, exporter], ...named }),
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
  return witnessStandpoint(candidate, { namespace, snapshot: seen, settings });
}

describe("a witness goes", () => {
  it.each([
    ["to a pod's own address, from the pod's node", "10.1.9.9", { kind: "Endpoint" }, "node-2"],
    ["there also where the author wrote the address, however it is spelled", "FD00:0::9", {}, "node-2"],
    [
      "outside where it is allowed, from the node of the probe",
      "8.8.8.8",
      { allow: ["8.8.8.0/24"] },
      "node-1",
    ],
    ["to a pod of its own namespace at any port", "10.1.9.9", { port: 9 }, "node-2"],
    ["to a pod of its own namespace by ping", "10.1.9.9", { port: null }, "node-2"],
    [
      "to an endpoint of another namespace at its target port",
      "10.2.0.1",
      { kind: "Endpoint", port: 8080 },
      "node-5",
    ],
    [
      "to one of a headless Service at the port that its clients dial",
      "10.3.0.1",
      { kind: "Endpoint", target: headless },
      "node-6",
    ],
    [
      "to a pod of another namespace that a grant lets the test select, at any port",
      "10.2.0.2",
      { kind: "Pod", port: 9 },
      "node-5",
    ],
    ["to every pod for a test without a namespace", "10.2.0.2", { namespace: "" }, "node-5"],
    [
      "to a host-network pod of another namespace that is allowed",
      "192.168.0.9",
      { kind: "Endpoint", port: 8080, allow: ["192.168.0.0/24"] },
      "node-7",
    ],
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
    ["outside, as long as nothing is allowed", "8.8.8.8", {}],
    ["outside of what is allowed", "8.8.8.8", { allow: ["8.8.4.0/24", "2000::/3"] }],
    ["to an address of another namespace's pod", "10.2.0.1", { port: 8080 }],
    ["there as to a name server", "10.2.0.1", { kind: "Resolver", port: null }],
    ["there also where its range is allowed", "10.2.0.1", { port: 8080, allow: ["10.0.0.0/8"] }],
    ["to what a host leads to there", "10.2.0.1", { kind: "Host", port: 8080 }],
    ["to an endpoint of another namespace at another port", "10.2.0.1", { kind: "Endpoint", port: 9100 }],
    ["to an endpoint of another namespace by ping", "10.2.0.1", { kind: "Endpoint", port: null }],
    ["to another pod of that namespace at that port", "10.2.0.2", { kind: "Endpoint", port: 8080 }],
    ["to another port of a headless Service there", "10.3.0.1", { kind: "Endpoint", port: 3307 }],
    [
      "to a pod of another namespace by a slice in the test's own namespace or in a third one",
      "10.2.0.2",
      { kind: "Endpoint", port: 9100 },
    ],
    ["to a host-network pod of another namespace", "192.168.0.9", { kind: "Endpoint", port: 8080 }],
    ["to the metadata of a cloud", "169.254.169.254", {}],
    ["to a name", undefined, { kind: "Host" }],
    ["to another port of the API server's node", "192.168.0.3", { port: 10_250 }],
    ["to another port of its cluster address", "10.96.0.1", { kind: "ClusterAddress", port: 6443 }],
    ["to its node by ping", "192.168.0.3", { port: null }],
  ] as const)("%s", (_, address, options) => {
    expect(nodeFor(address, options)).toBeUndefined();
  });
});
