import { expect, it, vi } from "vitest";
import type { Api } from "./runtime/api.ts";
import { connectivityTestStatusPath, eventsPath } from "./runtime/resourcePaths.ts";
import { createPublisher } from "./controller/publish.ts";
import { nextStatus } from "./controller/status.ts";
import { fakeApi } from "./testing/fakeApi.ts";
import { connectivityTest, expectation, later, probeRun } from "./testing/objects.ts";
import { endedRun } from "./testing/statuses.ts";
import { planWitnesses } from "./planning/witnessPlan.ts";

/** What of a test without a namespace differs where it is not planned. */
const asked = { ...expectation({ to: { ip: "203.0.113.1" }, icmp: {} }), from: { namespaceSelector: {} } };
const test = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
const now = later(30_000);

it("the status is written without a namespace, and its event where Kubernetes has those of all such objects", async () => {
  const create = vi.fn<Api["create"]>().mockResolvedValue({});
  const update = vi.fn<Api["update"]>().mockResolvedValue({});
  const log = {
    error: vi.fn<() => void>(),
    warn: vi.fn<() => void>(),
    info: vi.fn<() => void>(),
    debug: vi.fn<() => void>(),
  };
  const publish = createPublisher({
    api: fakeApi({ create, update }),
    log,
    onPublished: () => {},
    now: () => now,
  });
  await publish(test, nextStatus({ test, now, ended: endedRun(["Failed"], { id: "one" }) }));
  const [path, body] = update.mock.calls[0] ?? [];
  expect(path).toBe(connectivityTestStatusPath("", "net"));
  expect(path).toBe("/apis/netverdict.dev/v1alpha1/clusterconnectivitytests/net/status");
  expect(body).toMatchObject({ kind: "ClusterConnectivityTest", metadata: { name: "net", uid: "uid-net" } });
  expect(body).not.toHaveProperty("metadata.namespace");
  const [events, event] = create.mock.calls[0] ?? [];
  expect(events).toBe(eventsPath("default"));
  expect(event).toMatchObject({
    metadata: { namespace: "default" },
    regarding: { kind: "ClusterConnectivityTest" },
  });
  expect(event).toHaveProperty("regarding.namespace", undefined);
});

it("the message says in which namespace its run is", () => {
  const active = { id: "k3f9q", trigger: "Generation", home: "netverdict-system" } as const;
  expect(nextStatus({ test, now, active }).message).toContain(
    "ProbeRun net-k3f9q in namespace netverdict-system tells how far it has come",
  );
});

it("witnesses know the test by its kind and name", () => {
  const { metadata, spec } = probeRun({ metadata: { namespace: "netverdict-system" } });
  const check = { path: 0, tool: "icmp", family: "IPv4", address: "10.1.0.1", signOfLife: false } as const;
  const path = {
    id: 0,
    expectation: "x",
    expect: "Denied",
    from: "Deployment/ui.shop",
    to: "Pod/x",
    kind: "Pod",
    pod: "p",
  } as const;
  const of = { ...spec.test, kind: "ClusterConnectivityTest" };
  const paths = [{ ...path, check, backends: [], backendCount: 1, witness: "node-1" }];
  expect(planWitnesses({ metadata, spec: { ...spec, test: of, paths } })?.test).toEqual(of);
});
