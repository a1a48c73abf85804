import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTestStatusPath } from "../runtime/resourcePaths.ts";
import { nextStatus, type StatusInput } from "../status/status.ts";
import { createMemoryApi, type Request } from "../testing/memoryApi.ts";
import { connectivityTest, expectation, later } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { createPublisher, type Published } from "./publish.ts";

const log = silentLog();
const now = later(30_000);
const eventSchema = z.object({ type: z.string(), reason: z.string(), note: z.string() });

/** Publishes what the status comes to; tells what was written, the events, and what the metrics heard. */
async function publish(
  test: ConnectivityTest,
  input: Omit<StatusInput, "test" | "now">,
  { isStale = false } = {},
) {
  const heard: Published[] = [];
  const memory = createMemoryApi(() => now);
  const { namespace, name } = test.metadata;
  const path = connectivityTestStatusPath(namespace, name).replace(/\/status$/, "");
  const { resourceVersion = "" } = memory.put(path, test).metadata;
  const stored = { ...test, metadata: { ...test.metadata, resourceVersion } };
  if (isStale) memory.put(path, test);
  const publisher = createPublisher({
    api: memory.api,
    log,
    onPublished: (one) => heard.push(one),
    now: () => now,
  });
  await publisher(stored, nextStatus({ test: stored, now, ...input }));
  const sent = (verb: Request["verb"]) => memory.requests.filter((request) => request.verb === verb);
  const [created, updated] = [sent("create"), sent("update")];
  const events = created.map(({ body }) => eventSchema.parse(body));
  return { events, writes: updated.length, heard, created, updated };
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

  it("for a run in progress", async () => {
    const active = { id: "two", trigger: "Request" } as const;
    expect((await publish(after("Failed"), { active })).events).toEqual([]);
  });

  it("for a new generation whose verdict is the old one's", async () => {
    const old = after("Failed");
    const changed = { ...old, metadata: { ...old.metadata, generation: 2 } };
    const ended = endedRun(["Failed"], { id: "two", generation: 2, at: 60_000 });
    expect((await publish(changed, { ended })).events).toEqual([]);
  });

  it("by an operator whose cache is stale: the newer status has reported it", async () => {
    const { events, writes, heard } = await publish(after("Passed"), run("Failed"), { isStale: true });
    expect({ events, writes, heard }).toEqual({ events: [], writes: 1, heard: [] });
  });

  it("where there is nothing new, and no status either", async () => {
    const { events, writes, heard } = await publish(after("Failed"), {});
    expect({ events, writes, heard }).toEqual({ events: [], writes: 0, heard: [] });
  });
});

it("the status of a ClusterConnectivityTest is written without a namespace, and its event where Kubernetes has those of all such objects", async () => {
  const asked = { ...expectation({ to: { ip: "203.0.113.1" }, icmp: {} }), from: { namespaceSelector: {} } };
  const test = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
  const { created, updated } = await publish(test, run("Failed"));
  const { path, body } = updated[0] ?? {};
  expect(path).toBe("/apis/netverdict.dev/v1alpha1/clusterconnectivitytests/net/status");
  expect(body).toMatchObject({ kind: "ClusterConnectivityTest", metadata: { name: "net", uid: "uid-net" } });
  expect(body).not.toHaveProperty("metadata.namespace");
  const { path: events, body: event } = created[0] ?? {};
  expect(events).toBe("/apis/events.k8s.io/v1/namespaces/default/events");
  expect(event).toMatchObject({
    metadata: { namespace: "default" },
    regarding: { kind: "ClusterConnectivityTest" },
  });
  expect(event).toHaveProperty("regarding.namespace", undefined);
});
