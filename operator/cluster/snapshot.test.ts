import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selects } from "../../crds/selector.ts";
import { connectivityTest, expectation, pod, service, snapshot } from "../testing/objects.ts";
import { mayBeSelected, namedServices } from "./snapshot.ts";
import type { WorkloadPod } from "./workloadPod.ts";

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
    expect(snapshot({ pods: [pod("ui"), web] }).podsByIp.get(address)).toBe(web);
  });

  it("a pod that has ended by its UID, and not by its address, which another may have by now", () => {
    const ended = pod("job", { ips: ["10.1.0.7"], status: { phase: "Succeeded" } });
    const { podsByIp, podsByUid } = snapshot({ pods: [ended, web] });
    expect(podsByIp.get("10.1.0.7")).toBe(web);
    expect(podsByUid.get("uid-job")).toBe(ended);
  });

  it("the first of several pods on the network of one node", () => {
    const agents = ["a", "b"].map((name) => pod(name, { ips: ["192.168.0.1"], spec: { hostNetwork: true } }));
    expect(snapshot({ pods: agents }).podsByIp.get("192.168.0.1")).toBe(agents[0]);
  });

  it("a Service by each of its cluster addresses, and none by that of a headless one", () => {
    const dns = service("dns", { clusterIPs: ["10.96.0.10", "fd00:10:96::000a"] });
    const services = [service("db", { clusterIPs: ["None"] }), dns];
    const { servicesByClusterIp } = snapshot({ services });
    expect([...servicesByClusterIp.keys()]).toEqual(["10.96.0.10", "fd00:10:96::a"]);
    expect([...servicesByClusterIp.values()]).toEqual([dns, dns]);
  });

  it("the Services by each of their addresses and node ports", () => {
    const both = {
      ...service("both", {
        clusterIPs: ["10.96.0.10"],
        externalIPs: ["FD00::0007", "10.96.0.10"],
        ports: [{ port: 80, nodePort: 30_080 }],
      }),
      status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }, {}] } },
    };
    const other = service("other", { clusterIPs: ["None"], externalIPs: ["203.0.113.7"] });
    const { servicesByAddress, servicesByNodePort } = snapshot({ services: [both, other] });
    expect(servicesByAddress).toEqual(
      new Map([
        ["10.96.0.10", [both]],
        ["fd00::7", [both]],
        ["203.0.113.7", [both, other]],
      ]),
    );
    expect(servicesByNodePort).toEqual(new Map([[30_080, [both]]]));
  });

  it("by a selector no pod but those with the rarest label that it asks for", () => {
    const pods = ["a", "b", "c"].map((name) => pod(name, { labels: { app: name, tier: "web" } }));
    const seen = snapshot({
      pods: [...pods, pod("other", { namespace: "vault", labels: { app: "a" } })],
    });
    const matchLabels = { tier: "web", app: "a" };
    expect(mayBeSelected(seen, "shop", { matchLabels })).toEqual([pods[0]]);
    expect(mayBeSelected(seen, "shop", { matchLabels: { app: "nobody" } })).toEqual([]);
    expect(mayBeSelected(seen, "shop", {})).toEqual(pods);
  });

  it("by any selector every pod that it selects", () => {
    const labels = fc.dictionary(fc.constantFrom("app", "tier", "team"), fc.constantFrom("a", "b"));
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 6 }), labels, (all, matchLabels) => {
        const pods = all.map((own, index) => pod(`pod-${index}`, { labels: own }));
        const found = mayBeSelected(snapshot({ pods }), "shop", { matchLabels });
        const isSelected = ({ metadata }: WorkloadPod) => selects({ matchLabels }, metadata.labels);
        expect(found.filter(isSelected)).toEqual(pods.filter(isSelected));
      }),
    );
  });
});
