import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readConfig } from "./config.ts";
import { startOperator } from "./operator.ts";
import {
  type Answer,
  type FakeServer,
  json,
  list,
  startFakeServer,
  status,
  watch,
} from "./testing/fakeServer.ts";
import { silentLog } from "./testing/silentLog.ts";

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
});
afterEach(() => server.close());

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/netverdict-system/leases";

/** An empty cluster, which notes by which connection (its port) the lease was asked for, and by which anything else. */
function emptyCluster() {
  const ports = { lease: new Set<number>(), others: new Set<number>() };
  const answer: Answer = (response, seen) => {
    const isLease = seen.path.startsWith(LEASES);
    ports[isLease ? "lease" : "others"].add(response.socket?.remotePort ?? 0);
    if (seen.query["watch"] === "true") watch([], "open")(response, seen);
    else if (seen.path === "/apis") json({ groups: [] })(response, seen);
    else if (!isLease) list([])(response, seen);
    else if (seen.method === "GET") status({ code: 404, reason: "NotFound" })(response, seen);
    else json(seen.body)(response, seen);
  };
  return { ports, answer };
}

it("the lease has connections of its own, which no burst of other requests can hold", async () => {
  const { ports, answer } = emptyCluster();
  server.answer(...Array.from({ length: 100 }, () => answer));
  const log = silentLog();
  const config = { ...readConfig({ NETVERDICT_PROBE_IMAGE: "netverdict:1" }), port: 0 };
  const onLost = vi.fn<() => void>();
  const operator = await startOperator({ config, log, kubeConfig: server.kubeConfig, onLost });
  await vi.waitFor(
    () => expect(log.info).toHaveBeenCalledWith("leading", expect.objectContaining({ lease: "netverdict" })),
    { timeout: 30_000 },
  );
  await operator.stop();
  expect(onLost).not.toHaveBeenCalled();
  expect(ports.lease.size).toBeGreaterThan(0);
  expect(ports.others.size).toBeGreaterThan(0);
  expect(ports.lease.intersection(ports.others)).toEqual(new Set());
});
