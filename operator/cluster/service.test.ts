import { describe, expect, it } from "vitest";
import { endpointOf, pod, service, slice } from "../testing/objects.ts";
import { endpointSliceSchema, readyEndpoints, servicePort } from "./service.ts";

describe("a Service's port", () => {
  const web = service("web", {
    ports: [
      { name: "http", port: 80 },
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "dns-tcp", port: 53 },
      { name: "syslog", port: 514, protocol: "UDP" },
    ],
  });

  it.each<[number | string, string | undefined, string]>([
    [80, "http", "by number"],
    ["http", "http", "by name"],
    [53, "dns-tcp", "over TCP where a number has two protocols"],
    ["dns", "dns", "by name, though it is not TCP"],
    [514, "syslog", "by number, though there is none of TCP"],
    [81, undefined, "by a number that it does not have"],
    ["ftp", undefined, "by a name that it does not have"],
  ])("%s is %s: %s", (wanted, name) => {
    expect(servicePort(web, wanted)?.name).toBe(name);
  });
});

const port = { name: "", port: 80, protocol: "TCP" };
const found = (...args: Parameters<typeof readyEndpoints>) =>
  readyEndpoints(...args).map(({ address, port: number }) => `${address}:${number}`);

describe("the ready endpoints of a port", () => {
  const one = endpointOf(pod("a", { ips: ["10.1.0.1"] }));

  it.each([
    ["ready: true", { ready: true }, 1],
    ["ready left out", {}, 1],
    ["ready: null", { ready: null }, 1],
    ["no conditions", null, 1],
    ["ready: false", { ready: false }, 0],
    ["ready: false, serving and terminating", { ready: false, serving: true, terminating: true }, 0],
    ["terminating, though published as ready", { ready: true, terminating: true }, 0],
  ])("%s", (_, conditions, count) => {
    expect(found([slice("web", [{ ...one, conditions }])], port)).toHaveLength(count);
  });

  it("have the port that their own slice gives them", () => {
    const other = endpointOf(pod("b", { ips: ["10.1.0.2"] }));
    const slices = [slice("web", [one]), slice("web", [other], { ports: [{ name: "", port: 9090 }] })];
    expect(found(slices, port)).toEqual(["10.1.0.1:8080", "10.1.0.2:9090"]);
  });

  it.each([
    {
      when: "the port is named",
      ports: [
        { name: "http", port: 1 },
        { name: "admin", port: 2 },
      ],
      name: "admin",
      expected: ["10.1.0.1:2"],
    },
    { when: "the name is null", ports: [{ name: null, port: 3 }], name: "", expected: ["10.1.0.1:3"] },
    { when: "the slice has no such port", ports: [{ name: "http", port: 1 }], name: "admin", expected: [] },
    {
      when: "the slice has the name for UDP",
      ports: [{ name: "admin", port: 1, protocol: "UDP" }],
      name: "admin",
      expected: [],
    },
    { when: "the port stands for all numbers", ports: [{ name: "", port: null }], name: "", expected: [] },
    { when: "the slice has no ports", ports: null, name: "", expected: [] },
  ])("are distinguished by name and protocol: $when", ({ ports, name, expected }) => {
    expect(found([slice("web", [one], { ports })], { ...port, name })).toEqual(expected);
  });

  it("count once while they move from one slice to another", () => {
    const leaving = { ...one, conditions: { ready: false, terminating: true } };
    expect(found([slice("web", [leaving]), slice("web", [one]), slice("web", [one])], port)).toEqual([
      "10.1.0.1:8080",
    ]);
  });

  it("are of the slice's family, and none where it holds names", () => {
    const six = endpointOf(pod("a", { ips: ["fd00::1"] }));
    const slices = [
      slice("web", [one]),
      slice("web", [six], { addressType: "IPv6" }),
      slice("web", [{ addresses: ["db.example.com"] }], { addressType: "FQDN" }),
    ];
    expect(readyEndpoints(slices, port).map(({ family, address }) => [family, address])).toEqual([
      ["IPv4", "10.1.0.1"],
      ["IPv6", "fd00::1"],
    ]);
  });

  it("know their pod and node, where there are any", () => {
    const bare = { addresses: ["192.0.2.1", "192.0.2.2"] };
    const vm = { addresses: ["192.0.2.3"], targetRef: { kind: "VirtualMachine", name: "vm", uid: "u" } };
    expect(readyEndpoints([slice("web", [one, bare, vm])], port)).toMatchObject([
      { address: "10.1.0.1", node: "node-1", podUid: "uid-a", podName: "a" },
      { address: "192.0.2.1", node: "", podUid: "", podName: "" },
      { address: "192.0.2.3", node: "", podUid: "", podName: "" },
    ]);
  });

  it("are none in a slice that is empty", () => {
    const raw = { metadata: { name: "x" }, addressType: "IPv4", ports: null, endpoints: null };
    expect(readyEndpoints([endpointSliceSchema.parse(raw)], port)).toEqual([]);
  });
});
