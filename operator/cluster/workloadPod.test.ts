import { describe, expect, it } from "vitest";
import { pod, type PodOptions } from "../testing/objects.ts";
import {
  hasNetwork,
  isReadyOnPort,
  isRunning,
  namedPorts,
  podAddress,
  workloadPodSchema,
} from "./workloadPod.ts";

describe("a pod runs", () => {
  it.each([
    ["with phase and address", {}, true],
    ["not without an address", { ips: [] }, false],
    ["not while Pending", { status: { phase: "Pending" } }, false],
    ["not when it has Succeeded", { status: { phase: "Succeeded" } }, false],
    ["not on its way out", { metadata: { name: "a", deletionTimestamp: "2026-11-21T12:00:00Z" } }, false],
  ] satisfies [string, PodOptions, boolean][])("%s", (_, options, runs) => {
    expect(isRunning(pod("a", options))).toBe(runs);
  });
});

describe("a pod has a network", () => {
  it.each([
    ["while it runs", {}, true],
    ["in its init containers", { status: { phase: "Pending" } }, true],
    ["not before it has an address", { ips: [], status: { phase: "Pending" } }, false],
    ["not when it has ended", { status: { phase: "Failed" } }, false],
    ["not on its way out", { metadata: { name: "a", deletionTimestamp: "2026-11-21T12:00:00Z" } }, false],
  ] satisfies [string, PodOptions, boolean][])("%s", (_, options, has) => {
    expect(hasNetwork(pod("a", options))).toBe(has);
  });
});

it("a pod's address is looked up by family", () => {
  const dual = pod("a", { ips: ["10.1.0.1", "fd00::1"] });
  expect(podAddress(dual, "IPv4")).toBe("10.1.0.1");
  expect(podAddress(dual, "IPv6")).toBe("fd00::1");
  expect(podAddress(pod("b"), "IPv6")).toBeUndefined();
});

it("a pod just created, of which the API server leaves out all that is empty, can be read", () => {
  const raw = { metadata: { name: "a" }, spec: { containers: [{ name: "main" }] } };
  expect(isRunning(workloadPodSchema.parse(raw))).toBe(false);
});

describe("a named port", () => {
  const spec = {
    containers: [
      { ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }] },
      {
        ports: [
          { name: "web", containerPort: 8080 },
          { name: "dns", containerPort: 5353 },
        ],
      },
    ],
    initContainers: [
      { ports: [{ name: "setup", containerPort: 1 }] },
      {
        restartPolicy: "Always",
        ports: [
          { name: "mesh", containerPort: 15_001 },
          { name: "metrics", containerPort: 15_090 },
          { name: "web", containerPort: 8080 },
        ],
      },
    ],
  };
  const exporter = { ports: [{ name: "metrics", containerPort: 9100 }] };

  it.each<[string, readonly number[], string]>([
    ["web", [8080], "is found in any container, and once where two containers have the same number"],
    ["dns", [5353], "is one of TCP"],
    ["mesh", [15_001], "may be a native sidecar's"],
    ["metrics", [9100, 15_090], "is every port of that name, of containers and native sidecars"],
    ["setup", [], "is none of an init container that has ended"],
    ["ftp", [], "may not exist"],
  ])("%s → %j: %s", (name, ports) => {
    const containers = [...spec.containers, exporter];
    expect(namedPorts(pod("a", { spec: { ...spec, containers } }), name)).toEqual(ports);
  });
});

describe("readiness proves a port", () => {
  const ready = [{ type: "Ready", status: "True" }];
  const ports = [{ name: "web", containerPort: 8080 }];
  const probedBy = (readinessProbe: object, options: PodOptions = {}) =>
    pod("a", {
      spec: { containers: [{ ports, readinessProbe }] },
      ...options,
      status: { phase: "Running", podIPs: [{ ip: "10.1.0.1" }], conditions: ready, ...options.status },
    });
  const socket = { address: "10.1.0.1", port: 8080 };

  it.each([
    ["HTTP", probedBy({ httpGet: { port: 8080, path: "/", scheme: "HTTP" } })],
    ["TCP", probedBy({ tcpSocket: { port: 8080 } })],
    ["gRPC", probedBy({ grpc: { port: 8080, service: "" } })],
    ["a named port", probedBy({ httpGet: { port: "web" } })],
    [
      "a sidecar's probe",
      probedBy(
        {},
        {
          spec: {
            initContainers: [{ restartPolicy: "Always", readinessProbe: { tcpSocket: { port: 8080 } } }],
          },
        },
      ),
    ],
  ])("by %s", (_, one) => {
    expect(isReadyOnPort(one, socket)).toBe(true);
  });

  it.each([
    ["the pod is not Ready", probedBy({ tcpSocket: { port: 8080 } }, { status: { conditions: [] } })],
    ["the probe goes to another port", probedBy({ tcpSocket: { port: 8081 } })],
    ["the probe goes to another host", probedBy({ httpGet: { port: 8080, host: "127.0.0.1" } })],
    ["the probe is a command", probedBy({ exec: { command: ["true"] } })],
    ["there is no probe", pod("a", { status: { conditions: ready } })],
    [
      "the name is another container's port",
      pod("a", {
        spec: { containers: [{ ports }, { readinessProbe: { httpGet: { port: "web" } } }] },
        status: { conditions: ready },
      }),
    ],
  ])("but not if %s", (_, one) => {
    expect(isReadyOnPort(one, socket)).toBe(false);
  });

  it("only at the pod's first address, where kubelet probes", () => {
    const podIPs = [{ ip: "10.1.0.1" }, { ip: "fd00::1" }];
    const dual = probedBy({ tcpSocket: { port: 8080 } }, { status: { podIPs } });
    expect(isReadyOnPort(dual, socket)).toBe(true);
    expect(isReadyOnPort(dual, { address: "fd00::1", port: 8080 })).toBe(false);
  });
});
