import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { dueRun } from "../controller/dueRun.ts";
import { createRequestLog } from "../controller/requestLog.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { openRequests } from "./requests.ts";
import { nextStatus, type StatusInput } from "./status.ts";

const now = later(30_000);
const tokens = (count: number) => Array.from({ length: count }, (_, index) => `token-${index}`);

function withToken(test: ConnectivityTest, token: string, spec: Partial<ConnectivityTest["spec"]> = {}) {
  const metadata = { ...test.metadata, annotations: { [RUN_REQUESTED]: token } };
  return { ...test, metadata, spec: { ...test.spec, ...spec } };
}

/** `token-0 Passed AsExpected k3f9q`, and so on. */
const resultsOf = (test: ConnectivityTest) =>
  (test.status.handledRequests ?? []).map(({ token, verdict, reason, run = "-" }) =>
    [token, verdict, reason, run].join(" "),
  );

describe("the result of a token", () => {
  it("is that of the run that started for it, and stays when later runs have others", () => {
    const asked = withToken(connectivityTest(), "one");
    const first = published({ test: asked, ended: endedRun(["Passed"], { requests: ["one"] }), now });
    expect(resultsOf(first)).toEqual(["one Passed AsExpected k3f9q"]);
    expect(first.status).toMatchObject({ lastHandledRequest: "one" });
    const failed = endedRun(["Passed", "Failed"], { id: "other", requests: ["two"], at: 60_000 });
    const second = published({ test: withToken(first, "two"), ended: failed, now });
    expect(resultsOf(second)).toEqual(["two Failed Open other", "one Passed AsExpected k3f9q"]);
    expect(second.status.handledRequests?.[0]).toMatchObject({
      message: "b: expected Denied, was Denied (Open)",
      generation: 1,
      finishedAt: later(80_000).toISOString(),
    });
    expect(second.status).not.toHaveProperty("pendingRequests");
  });

  it("is that of one run for all that waited", () => {
    const test = withToken(connectivityTest(), "two");
    const waiting = published({ test, noticed: ["one", "two"], now });
    expect(waiting.status.pendingRequests).toEqual(["one", "two"]);
    const both = endedRun(["Passed"], { requests: ["one", "two"] });
    const done = published({ test: waiting, ended: both, now });
    expect(resultsOf(done)).toEqual(["two Passed AsExpected k3f9q", "one Passed AsExpected k3f9q"]);
    expect(done.status).toMatchObject({ lastHandledRequest: "two" });
  });

  it("is not that of a run that had started before", () => {
    const test = withToken(connectivityTest(), "late");
    const ended = published({ test, ended: endedRun(["Passed"], { requests: ["early"] }), now });
    expect(resultsOf(ended)).toEqual(["early Passed AsExpected k3f9q"]);
    expect(ended.status.pendingRequests).toEqual(["late"]);
    expect(openRequests(ended).waiting).toEqual(["late"]);
  });

  it("is not that of a run of an older spec", () => {
    const old = withToken(connectivityTest({ metadata: { generation: 2 } }), "one");
    const next = published({ test: old, ended: endedRun(["Passed"], { requests: ["one"] }), now });
    expect(resultsOf(next)).toEqual([]);
    expect(next.status.pendingRequests).toEqual(["one"]);
  });

  it("is Inconclusive at once while the test is suspended, and that of a run afterwards", () => {
    const test = withToken(connectivityTest(), "two", { suspend: true });
    const active = { id: "k3f9q", trigger: "Request", requests: ["one"] } as const;
    const suspended = published({ test, active, noticed: ["one", "two"], now });
    expect(resultsOf(suspended)).toEqual(["two Inconclusive Suspended -"]);
    expect(suspended.status.pendingRequests).toEqual(["one", "two"]);
    expect(suspended.status).not.toHaveProperty("lastHandledRequest");
    const resumed = { ...suspended, spec: { ...suspended.spec, suspend: false } };
    const requests = openRequests(resumed).waiting;
    const running = published({ test: resumed, active: { id: "next", trigger: "Request", requests }, now });
    expect(resultsOf(running)).toEqual([]);
    const done = published({ test: running, ended: endedRun(["Passed"], { id: "next", requests }), now });
    expect(resultsOf(done)).toEqual(["two Passed AsExpected next", "one Passed AsExpected next"]);
  });

  it("is Inconclusive at once while the spec cannot be run, with the reason, and its time stays", () => {
    const problem = { reason: "TooManyPaths", message: "the spec expands to 300 paths" } as const;
    const stuck = published({ test: withToken(connectivityTest(), "one"), problem, now });
    expect(resultsOf(stuck)).toEqual(["one Inconclusive TooManyPaths -"]);
    expect(stuck.status.handledRequests?.[0]).toMatchObject({ message: problem.message });
    expect(openRequests(stuck).waiting).toEqual(["one"]);
    expect(published({ test: stuck, problem, now: later(90_000) }).status).toEqual(stuck.status);
  });

  it("is Inconclusive at once if too many others wait", () => {
    const status = published({ test: connectivityTest(), noticed: tokens(18), now });
    expect(status.status.pendingRequests).toEqual(tokens(16));
    expect(resultsOf(status)).toEqual([
      "token-17 Inconclusive ProbeNotRun -",
      "token-16 Inconclusive ProbeNotRun -",
    ]);
  });

  it("is kept for the last 16 tokens", () => {
    const first = published({
      test: connectivityTest(),
      ended: endedRun(["Passed"], { requests: tokens(16) }),
      now,
    });
    const next = endedRun(["Failed"], { id: "next", requests: ["new"], at: 60_000 });
    const second = published({ test: first, ended: next, now });
    expect(second.status.handledRequests?.map(({ token }) => token)).toEqual([
      "new",
      ...tokens(16).slice(1).toReversed(),
    ]);
  });
});

type Step = "write" | "reconcile" | "start" | "end" | "restart" | "suspend" | "resume";
const step = fc.constantFrom<Step>(
  "write",
  "write",
  "reconcile",
  "start",
  "end",
  "restart",
  "suspend",
  "resume",
);

it("each token gets the result of a run, never of one that had started before it was written, in any order of events", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cluster = createCluster();
      for (const next of steps) cluster[next]();
      cluster.drain();
      expect(cluster.results().toSorted()).toEqual(cluster.written().toSorted());
    }),
  );
});

/** A test with its operator. A token that is overwritten before a restart, and before any reconcile, is not known to anyone. */
function createCluster() {
  let test: ConnectivityTest = connectivityTest();
  let log = createRequestLog();
  let active: { id: string; requests: readonly string[]; startedAt: number } | undefined;
  let time = 0;
  const writtenAt = new Map<string, number>();
  const results = new Map<string, Verdict>();

  function update(after: ConnectivityTest) {
    const before = test;
    test = after;
    log.see({ key: "shop/net", before, after });
  }

  function publish(input: Partial<StatusInput> = {}) {
    const noticed = log.tokensOf(test.metadata.uid);
    const running = active && { active: { ...active, trigger: "Request" as const } };
    const status = nextStatus({ test, noticed, now: later(time), ...running, ...input });
    for (const { token, verdict, run } of status.handledRequests ?? []) {
      if (run === undefined) continue;
      results.set(token, verdict);
      expect(Number(run)).toBeGreaterThanOrEqual(writtenAt.get(token) ?? Number.POSITIVE_INFINITY);
    }
    update({
      ...test,
      status: connectivityTestSchema.shape.status.parse(JSON.parse(JSON.stringify(status))),
    });
  }

  const cluster = {
    write() {
      time += 1;
      const token = `token-${time}`;
      writtenAt.set(token, time);
      update(withToken(test, token));
    },
    reconcile: () => publish(),
    start() {
      time += 1;
      if (active) return;
      const requests = openRequests(test, log.tokensOf(test.metadata.uid)).waiting;
      const due = dueRun(test, { now: later(time), requests });
      if (due && "trigger" in due)
        active = { id: String(time), requests: due.requests ?? [], startedAt: time };
      publish();
    },
    end() {
      time += 1;
      if (!active) return;
      const { id, requests, startedAt } = active;
      active = undefined;
      publish({ ended: endedRun(["Passed"], { id, requests, at: startedAt, digestOf: test.spec }) });
    },
    restart() {
      publish();
      log = createRequestLog();
      log.see({ key: "shop/net", after: test });
    },
    suspend: () => update({ ...test, spec: { ...test.spec, suspend: true } }),
    resume: () => update({ ...test, spec: { ...test.spec, suspend: false } }),
    drain() {
      cluster.resume();
      for (let round = 0; round < 100; round += 1) {
        cluster.end();
        cluster.start();
      }
      cluster.end();
    },
    results: () => [...results.keys()],
    written: () => [...writtenAt.keys()],
  };
  return cluster;
}
