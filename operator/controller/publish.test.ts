import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import type { Api } from "../runtime/api.ts";
import { fakeApi, rejection } from "../testing/fakeApi.ts";
import { connectivityTest, expectation, later } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { createPublisher, type Published } from "./publish.ts";
import { nextStatus, type StatusInput } from "./status.ts";

const log = silentLog();
const now = later(30_000);
const eventSchema = z.object({ type: z.string(), reason: z.string(), note: z.string() });

/** Publishes what the status comes to; tells the events that were written and what the metrics heard. */
async function publish(
  test: ConnectivityTest,
  input: Omit<StatusInput, "test" | "now">,
  api: Partial<Api> = {},
) {
  const create = vi.fn<Api["create"]>().mockResolvedValue({});
  const update = vi.fn<Api["update"]>().mockResolvedValue({});
  const heard: Published[] = [];
  const publisher = createPublisher({
    api: fakeApi({ create, update, ...api }),
    log,
    onPublished: (one) => heard.push(one),
    now: () => now,
  });
  await publisher(test, nextStatus({ test, now, ...input }));
  const events = create.mock.calls.map(([, body]) => eventSchema.parse(body));
  return { events, writes: update.mock.calls.length, heard };
}

const fresh = connectivityTest();
const after = (verdict: Verdict) =>
  published({ test: fresh, ended: endedRun([verdict], { id: "one" }), now });
const run = (verdict: Verdict) => ({ ended: endedRun([verdict], { id: "two", at: 60_000 }) });

describe("an event is written", () => {
  it.each<readonly [string, ConnectivityTest, Verdict, string]>([
    ["the first verdict", fresh, "Passed", "Normal Passed"],
    ["a verdict that is another one than before", after("Passed"), "Failed", "Warning Failed"],
    ["one that can no longer be reached", after("Failed"), "Inconclusive", "Warning Inconclusive"],
    ["one that is well again", after("Inconclusive"), "Passed", "Normal Passed"],
  ])("for %s", async (...[, test, verdict, reported]) => {
    const { events } = await publish(test, run(verdict));
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([reported]);
  });

  it("with the whole message, since when included", async () => {
    const { events } = await publish(after("Passed"), run("Failed"));
    expect(events[0]?.note).toBe("a: as seen; Failed since 2026-11-21 12:01 UTC");
  });
});

describe("no event is written", () => {
  it.each(["Passed", "Inconclusive", "Failed"] as const)("for a run that is %s again", async (verdict) => {
    const { events, writes, heard } = await publish(after(verdict), run(verdict));
    expect({ events, writes }).toEqual({ events: [], writes: 1 });
    expect(heard.map(({ ended }) => ended)).toEqual([true]);
  });

  it("for a run under way", async () => {
    const active = { id: "two", trigger: "Request" } as const;
    expect((await publish(after("Failed"), { active })).events).toEqual([]);
  });

  it("for a new generation whose verdict is the old one's", async () => {
    const old = after("Failed");
    const changed = { ...old, metadata: { ...old.metadata, generation: 2 } };
    const ended = endedRun(["Failed"], { id: "two", generation: 2, at: 60_000 });
    expect((await publish(changed, { ended })).events).toEqual([]);
  });

  it("by an operator whose cache is stale: the newer status has told it", async () => {
    const update = () => Promise.reject(rejection(409, "Conflict"));
    const { events, heard } = await publish(after("Passed"), run("Failed"), { update });
    expect({ events, heard }).toEqual({ events: [], heard: [] });
  });

  it("where there is nothing new, and no status either", async () => {
    expect(await publish(after("Failed"), {})).toEqual({ events: [], writes: 0, heard: [] });
  });
});

it("the status of a ClusterConnectivityTest is written without a namespace, and its event where Kubernetes has those of all such objects", async () => {
  const asked = { ...expectation({ to: { ip: "203.0.113.1" }, icmp: {} }), from: { namespaceSelector: {} } };
  const test = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
  const create = vi.fn<Api["create"]>().mockResolvedValue({});
  const update = vi.fn<Api["update"]>().mockResolvedValue({});
  await publish(test, run("Failed"), { create, update });
  const [path, body] = update.mock.calls[0] ?? [];
  expect(path).toBe("/apis/netverdict.dev/v1alpha1/clusterconnectivitytests/net/status");
  expect(body).toMatchObject({ kind: "ClusterConnectivityTest", metadata: { name: "net", uid: "uid-net" } });
  expect(body).not.toHaveProperty("metadata.namespace");
  const [events, event] = create.mock.calls[0] ?? [];
  expect(events).toBe("/apis/events.k8s.io/v1/namespaces/default/events");
  expect(event).toMatchObject({
    metadata: { namespace: "default" },
    regarding: { kind: "ClusterConnectivityTest" },
  });
  expect(event).toHaveProperty("regarding.namespace", undefined);
});
