import { describe, expect, it } from "vitest";
import { expectationSchema, portSchema } from "./expectation.ts";

const from = { podSelector: {} };
const to = { service: { name: "catalog" } };
const https = (more: object) => ({ to, http: { port: 443, scheme: "HTTPS", method: "HEAD", ...more } });
const header = (name: string, value: string) => ({ to, http: { port: 80, headers: [{ name, value }] } });

describe("expectationSchema (what it refuses is in e2e/api/refused.ts, with the API server's answers)", () => {
  it.each<[string, object]>([
    ["http to a Service, by a port's name", { to: { service: { name: "catalog" } }, http: { port: "http" } }],
    [
      "tcp to a Service of another namespace",
      { to: { service: { name: "db", namespace: "data" } }, tcp: { port: 1 } },
    ],
    ["tcp to pods, by a port's name", { to: { podSelector: {} }, tcp: { port: "mysql" } }],
    ["icmp to pods", { to: { podSelector: { matchLabels: { app: "ui" } } }, icmp: {} }],
    ["icmp to an IPv6 address", { to: { ip: "2001:db8::1" }, icmp: {} }],
    ["icmp to one that ends as IPv4 addresses do", { to: { ip: "64:ff9b::192.0.2.1" }, icmp: {} }],
    ["tcp to a node", { to: { node: "ip-10-0-0-1.eu-west-1.compute.internal" }, tcp: { port: 10_250 } }],
    ["tcp to a host with a trailing dot", { to: { host: "www.example.com." }, tcp: { port: 65_535 } }],
    ["dns by the pod's own resolver", { dns: { name: "_sip._tcp.example.com", type: "SRV" } }],
    ["dns of an absolute name over TCP", { dns: { name: "a.example.", protocol: "TCP" } }],
    ["dns by a named server", { dns: { name: "web", server: "2001:db8::53", type: "CNAME" } }],
    ["https with a name and a header", https({ host: "shop.example", insecureSkipTLSVerify: true })],
    ["a header with every letter that a token has", header("!#$%&'*+-.^_`|~0aZ", "~ !")],
    ["a header as long as may be", header("x".repeat(64), "x".repeat(128))],
    ...[
      "X-Tenant",
      "Idempotency-Key",
      "Surrogate-Key",
      "X-Token-Id",
      "X-Author",
      "X-Keys",
      "Access-Control-Request-Method",
      "X-Metadatabase",
      "X-Identity",
    ].map((name): [string, object] => [`the header ${name}, which has no credentials`, header(name, "blue")]),
    ["tcp to a host that is an IPv4 address", { to: { host: "10.0.0.1" }, tcp: { port: 80 } }],
    ["tcp to a host whose labels begin with numbers", { to: { host: "3.db-1.example" }, tcp: { port: 80 } }],
  ])("takes %s", (_, fields) => {
    expect(expectationSchema.parse({ name: "x", from, expect: "Denied", ...fields })).toMatchObject(fields);
  });

  it.each<[string, object, object]>([
    [
      "http",
      { to: { ip: "10.0.0.1" }, http: { port: 80 } },
      { port: 80, path: "/", method: "GET", scheme: "HTTP", insecureSkipTLSVerify: false },
    ],
    ["dns", { dns: { name: "a.example" } }, { name: "a.example", protocol: "UDP" }],
  ])("fills in what %s leaves out", (tool, fields, whole) => {
    const parsed = expectationSchema.parse({ name: "x", from, expect: "Allowed", ...fields });
    expect(parsed).toMatchObject({ [tool]: whole });
    expect(parsed.http ?? parsed.dns).toEqual(whole);
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
