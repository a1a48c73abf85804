import { describe, expect, it } from "vitest";
import { endpointOf, expectation, pod, service, slice, snapshot, type Cluster } from "../testing/objects.ts";
import { expandTarget } from "./targets.ts";

/** What `tcp` to the Service web comes to. */
function expand(cluster: Cluster, port = 80) {
  const ask = expectation({ to: { service: { name: "web" } }, tcp: { port } });
  const query = { expectation: ask, namespace: "shop", families: undefined };
  return expandTarget({ ...query, snapshot: snapshot(cluster) });
}

const a = pod("a", { ips: ["10.1.0.1"], node: "node-1" });
const b = pod("b", { ips: ["10.1.0.2"], node: "node-2" });

describe("an answer proves the network of the pod that asked", () => {
  const signs = (cluster: Cluster, port?: number) =>
    expand(cluster, port).addresses.map(({ kind, provesSource }) => `${kind} ${provesSource}`);
  const services = [service("web")];

  it("from pods on the pod network, and from an address with no others behind it", () => {
    const slices = [slice("web", [endpointOf(a), endpointOf(b)])];
    expect(signs({ pods: [a, b], services, slices })).toEqual([
      "ClusterAddress true",
      "Endpoint true",
      "Endpoint true",
    ]);
  });

  it("but not from a pod on the host network, nor from an address with one behind it", () => {
    const host = pod("host", { ips: ["192.0.2.1"], node: "node-2", spec: { hostNetwork: true } });
    const slices = [slice("web", [endpointOf(a), endpointOf(host)])];
    const { addresses } = expand({ pods: [a, host], services, slices });
    expect(addresses.map(({ provesSource }) => provesSource)).toEqual([false, true, false]);
    expect(addresses[2]?.backends).toMatchObject([{ name: "host", hostNetwork: true }]);
  });

  it("even where the one on the host network is not among the 8 that are probed", () => {
    const pods = Array.from({ length: 8 }, (_, index) => pod(`p${index}`, { ips: [`10.1.0.${index}`] }));
    const host = pod("host", { ips: ["192.0.2.1"], spec: { hostNetwork: true } });
    const slices = [
      slice(
        "web",
        [...pods, host].map((one) => endpointOf(one)),
      ),
    ];
    const { addresses } = expand({ pods: [...pods, host], services, slices });
    expect(addresses.map(({ provesSource }) => provesSource)).toEqual([false, ...pods.map(() => true)]);
  });

  it("nor from an unknown pod, nor from one that does not have the address", () => {
    const forged = endpointOf(b, { addresses: ["192.0.2.1"] });
    const slices = [slice("web", [endpointOf(a), forged])];
    expect(signs({ pods: [b], services, slices })).toEqual([
      "ClusterAddress false",
      "Endpoint false",
      "Endpoint false",
    ]);
  });

  it("nor from the cluster address of a DNS Service, which a cache on the own node may answer at", () => {
    const dns = [service("web", { ports: [{ port: 53 }] })];
    const slices = [slice("web", [endpointOf(a)])];
    expect(signs({ pods: [a], services: dns, slices }, 53)).toEqual([
      "ClusterAddress false",
      "Endpoint true",
    ]);
  });
});

it("a backend is ready on the port where kubelet probes it there, at the address that it probes", () => {
  const probed = pod("a", {
    ips: ["10.1.0.1", "fd00::1"],
    spec: { containers: [{ readinessProbe: { tcpSocket: { port: 8080 } } }] },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  const slices = [
    slice("web", [endpointOf(probed), endpointOf(b)]),
    slice("web", [endpointOf(probed, { addresses: ["fd00::1"] })], { addressType: "IPv6" }),
  ];
  const services = [service("web", { clusterIPs: ["None"], ports: [{ port: 8080 }] })];
  const { addresses } = expand({ pods: [probed, b], services, slices }, 8080);
  const readiness = addresses.map(({ backends: [backend] }) => backend?.readinessOnPort);
  expect(readiness).toEqual([true, false, false]);
});
