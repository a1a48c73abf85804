import { describe, expect, it, vi } from "vitest";
import type { Api } from "../runtime/api.ts";
import { connectivityTest, expectation, service, slice } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { addressPortKey, apiServerFor } from "./apiServerAddresses.ts";

const SERVICE = "/api/v1/namespaces/default/services/kubernetes";
const SLICE = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

const denied = expectation({ to: { ip: "10.0.0.1" }, tcp: { port: 443 }, expect: "Denied" });
const byName = (namespace?: string) =>
  expectation({
    to: { service: { name: "kubernetes", ...(namespace !== undefined && { namespace }) } },
    tcp: { port: 443 },
    expect: "Denied",
  });

/** A cluster with two API servers, on two stacks. */
const objects: Readonly<Record<string, unknown>> = {
  [SERVICE]: service("kubernetes", {
    namespace: "default",
    clusterIPs: ["10.96.0.1", "FD00::1"],
    ports: [{ name: "https", port: 443 }],
  }),
  [SLICE]: slice("kubernetes", [{ addresses: ["192.168.0.1"] }, { addresses: ["192.168.0.2"] }], {
    namespace: "default",
    ports: [
      { name: "https", port: 6443 },
      { name: "another", port: 22 },
    ],
  }),
};

async function seenBy(ask: ReturnType<typeof expectation>, namespace = "shop") {
  const get = vi.fn<Api["get"]>((path) => Promise.resolve(objects[path]));
  const test = connectivityTest({ metadata: { namespace }, spec: { expectations: [ask] } });
  return { sockets: await apiServerFor(test, { get }), asked: get.mock.calls.map(([path]) => path) };
}

describe("where the API server answers", () => {
  it("is its cluster address and its own ones, at their ports alone", async () => {
    const { sockets, asked } = await seenBy(denied);
    expect(sockets).toEqual(
      new Set(["10.96.0.1 443", "fd00::1 443", "192.168.0.1 6443", "192.168.0.2 6443"]),
    );
    expect(asked).toEqual([SERVICE, SLICE]);
  });

  it.each([
    ["a denial of its Service", byName("default"), "shop"],
    ["one from its own namespace", byName(), "default"],
  ])("is looked up for %s", async (_, ask, namespace) => {
    expect((await seenBy(ask, namespace)).sockets?.size).toBe(4);
  });

  it.each([
    ["a Service of that name elsewhere", byName()],
    ["an Allowed expectation", expectation({ to: { ip: "10.0.0.1" }, tcp: { port: 443 } })],
    ["pods", expectation({ to: { podSelector: {} }, tcp: { port: 443 }, expect: "Denied" })],
  ])("costs no request for %s", async (_, ask) => {
    expect(await seenBy(ask)).toEqual({ sockets: undefined, asked: [] });
  });

  it("is nowhere where there is no such Service or EndpointSlice, and unknown for any other error", async () => {
    const test = connectivityTest({ spec: { expectations: [denied] } });
    const failing = (code: number, reason: string) => ({
      get: () => Promise.reject(rejection(code, reason)),
    });
    await expect(apiServerFor(test, failing(404, "NotFound"))).resolves.toEqual(new Set());
    await expect(apiServerFor(test, failing(500, "InternalError"))).rejects.toThrow("InternalError");
  });
});

it("a socket is the same however its address is spelled, and none where it is no address", () => {
  expect(addressPortKey("FD00:0::1", 443)).toBe("fd00::1 443");
  expect(addressPortKey("db.example.com", 443)).toBeUndefined();
});
