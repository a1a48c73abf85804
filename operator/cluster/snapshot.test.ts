import { describe, expect, it } from "vitest";
import { connectivityTest, expectation, pod, service, surroundings } from "../testing/objects.ts";
import { namedServices } from "./snapshot.ts";

it("the Services that a test names are named once each, with the test's namespace where none is given", () => {
  const to = (name: string, namespace?: string) =>
    expectation({
      name: `${name}-${namespace}`,
      to: { service: { name, ...(namespace !== undefined && { namespace }) } },
      tcp: { port: 80 },
    });
  const expectations = [
    to("web"),
    to("web", "shop"),
    to("web", "catalog"),
    expectation({ name: "out", to: { ip: "192.0.2.1" }, icmp: {} }),
  ];
  expect(namedServices(connectivityTest({ spec: { expectations } }))).toEqual([
    { namespace: "shop", name: "web" },
    { namespace: "catalog", name: "web" },
  ]);
});

describe("a snapshot finds", () => {
  const web = pod("web", { ips: ["10.1.0.7", "FD00::0007"] });

  it.each(["10.1.0.7", "fd00::7"])("a running pod by its address %s, however it is written", (address) => {
    expect(surroundings({ pods: [pod("ui"), web] }).podsByIp.get(address)).toBe(web);
  });

  it("a pod that has ended by its UID, and not by its address, which another may have by now", () => {
    const ended = pod("job", { ips: ["10.1.0.7"], status: { phase: "Succeeded" } });
    const { podsByIp, podsByUid } = surroundings({ pods: [ended, web] });
    expect(podsByIp.get("10.1.0.7")).toBe(web);
    expect(podsByUid.get("uid-job")).toBe(ended);
  });

  it("the first of several pods on the network of one node", () => {
    const agents = ["a", "b"].map((name) => pod(name, { ips: ["192.168.0.1"], spec: { hostNetwork: true } }));
    expect(surroundings({ pods: agents }).podsByIp.get("192.168.0.1")).toBe(agents[0]);
  });

  it("a Service by each of its cluster addresses, and none by that of a headless one", () => {
    const dns = service("dns", { clusterIPs: ["10.96.0.10", "fd00:10:96::000a"] });
    const services = [service("db", { clusterIPs: ["None"] }), dns];
    const { servicesByClusterIp } = surroundings({ services });
    expect([...servicesByClusterIp.keys()]).toEqual(["10.96.0.10", "fd00:10:96::a"]);
    expect([...servicesByClusterIp.values()]).toEqual([dns, dns]);
  });
});
