import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD } from "../../crds/proberun/proberun.ts";
import type { TargetAddress } from "../endpoints/targetAddress.ts";
import { expectation } from "../testing/objects.ts";
import { requestFieldsOf } from "./checks.ts";

const target: TargetAddress = {
  to: "Service/web.shop",
  kind: "ClusterAddress",
  family: "IPv4",
  backends: [],
  backendCount: 0,
  provesSource: true,
};
const service = { to: { service: { name: "web" } } };
const asked = (fields: Parameters<typeof expectation>[0]) => requestFieldsOf(expectation(fields), target);

describe("what the author asks for", () => {
  it("of http is reported without what the schema fills in", () => {
    expect(asked({ ...service, http: { port: 80, path: "/a" } })).toEqual({
      host: "web.shop",
      urlPath: "/a",
    });
    expect(asked({ to: { ip: "192.0.2.2" }, http: { port: 80 } })).toEqual({ urlPath: "/" });
    expect(asked({ ...service, http: { port: 80, headers: [] } })).not.toHaveProperty("headers");
  });

  it("of http is reported in full", () => {
    const headers = [{ name: "X-Tenant", value: "blue" }];
    const request = {
      scheme: "HTTPS",
      method: "HEAD",
      host: "shop.example",
      insecureSkipTLSVerify: true,
    } as const;
    expect(asked({ ...service, http: { port: 443, ...request, headers, status: [200, "3xx"] } })).toEqual({
      host: "web.shop",
      requestHost: "shop.example",
      urlPath: "/",
      scheme: "HTTPS",
      method: "HEAD",
      insecureSkipTLSVerify: true,
      headers,
      status: ["200", "3xx"],
    });
  });

  it.each<[object, object]>([
    [{}, {}],
    [{ protocol: "UDP" }, {}],
    [
      { type: "SRV", protocol: "TCP", server: "192.0.2.53" },
      { recordType: "SRV", protocol: "TCP" },
    ],
  ])("of dns, beside the name, %j comes to %j", (fields, reported) => {
    expect(asked({ to: undefined, dns: { name: "web", ...fields } })).toEqual(reported);
  });

  it("of tcp and icmp is nothing", () => {
    expect(asked({ ...service, tcp: { port: 80 } })).toEqual({});
    expect(asked({ to: { ip: "192.0.2.2" }, icmp: {} })).toEqual({});
  });
});

it("the largest checks of a full probe pod fit into one environment variable", () => {
  const header = (letter: string) => ({ name: letter.repeat(64), value: '"'.repeat(128) });
  const host = `${"x".repeat(63)}.`.repeat(3).slice(0, -1);
  const largest = asked({
    to: { host },
    http: {
      port: 65_535,
      path: `/${"\\".repeat(1_023)}`,
      scheme: "HTTPS",
      method: "OPTIONS",
      host,
      headers: Array.from("abcdef", header),
      insecureSkipTLSVerify: true,
      status: Array.from({ length: 16 }, () => 200),
    },
  });
  const check = {
    path: 255,
    tool: "http",
    family: "IPv6",
    host,
    port: 65_535,
    provesSource: false,
    ...largest,
  };
  const { length } = JSON.stringify(Array.from({ length: MAX_CHECKS_PER_POD }, () => check));
  // execve(2): a single string may have 128 KiB; the name of the variable and the probing settings go with it.
  expect(length).toBeLessThan(127 * 1024);
  expect(length).toBeGreaterThan(100 * 1024);
});
