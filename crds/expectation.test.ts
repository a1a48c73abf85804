import { describe, expect, it } from "vitest";
import { expectationSchema, portSchema } from "./expectation.ts";

const from = { podSelector: {} };

describe("expectationSchema (what it refuses stands in e2e/api/refused.ts, with the API server's answers)", () => {
  it.each<[string, object]>([
    ["http to a Service, by a port's name", { to: { service: { name: "catalog" } }, http: { port: "http" } }],
    [
      "tcp to a Service of another namespace",
      { to: { service: { name: "db", namespace: "data" } }, tcp: { port: 1 } },
    ],
    ["tcp to pods, by a port's name", { to: { podSelector: {} }, tcp: { port: "mysql" } }],
    ["icmp to pods", { to: { podSelector: { matchLabels: { app: "ui" } } }, icmp: {} }],
    ["icmp to an IPv6 address", { to: { ip: "2001:db8::1" }, icmp: {} }],
    ["tcp to a host with a trailing dot", { to: { host: "www.example.com." }, tcp: { port: 65_535 } }],
    ["dns by the pod's own resolver", { dns: { name: "_sip._tcp.example.com" } }],
  ])("takes %s", (_, fields) => {
    expect(expectationSchema.parse({ name: "x", from, expect: "Denied", ...fields })).toMatchObject(fields);
  });

  it("asks for / where http names no path", () => {
    const http = { port: 80 };
    const parsed = expectationSchema.parse({
      name: "x",
      from,
      to: { ip: "10.0.0.1" },
      http,
      expect: "Allowed",
    });
    expect(parsed.http).toEqual({ port: 80, path: "/" });
  });
});

describe("portSchema", () => {
  it.each([1, 65_535, "http", "3scale", "a", "8080-tcp", "p2p-1"])("takes %j", (port) => {
    expect(portSchema.parse(port)).toBe(port);
  });

  it.each([0, 65_536, 1.5, "80", "-a", "a-", "1-2", "HTTP", "a_b", ""])("refuses %j", (port) => {
    expect(portSchema.safeParse(port).success).toBe(false);
  });
});
