import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { realClock } from "./clock.ts";
import { createLeaderElection, type LeaderElection } from "./leaderElection.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/netverdict-system/leases/netverdict";
const specSchema = z.looseObject({ holderIdentity: z.string() });

/** An API server with a switch that breaks the way to it. */
function createLeaseServer() {
  const memory = createMemoryApi();
  const spec = () => specSchema.safeParse(memory.at(LEASE)[0]?.spec).data;
  const ways = {
    refused: () => {
      throw new Error("connect ECONNREFUSED");
    },
    hanging: async () => {
      await realClock.sleep(9_000);
      throw rejection(504, "Timeout");
    },
    silent: () => new Promise<never>(() => {}),
    open: () => {},
  };
  return {
    api: memory.api,
    holder: () => spec()?.holderIdentity,
    lease: () => memory.at(LEASE)[0],
    spec,
    overwrite: (lease: object) => memory.put(LEASE, lease),
    cut: (how: keyof typeof ways) => void (memory.before = ways[how]),
  };
}

const log = silentLog();
let server: ReturnType<typeof createLeaseServer>;
let story: string[];
let elections: LeaderElection[];

beforeEach(() => {
  vi.useFakeTimers();
  server = createLeaseServer();
  story = [];
  elections = [];
});
afterEach(async () => {
  const released = Promise.all(elections.map((election) => election.release()));
  await vi.advanceTimersByTimeAsync(60_000);
  await released;
  vi.useRealTimers();
});

function join(identity: string, api = server.api): LeaderElection {
  const election = createLeaderElection({
    api,
    namespace: "netverdict-system",
    name: "netverdict",
    identity,
    log,
    clock: { ...realClock, random: () => 0 },
    onLeading: () => story.push(`${identity} leads`),
    onLost: () => story.push(`${identity} lost`),
  });
  elections.push(election);
  election.start();
  return election;
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

describe("a candidate", () => {
  it("makes the Lease and leads, with times of six digits", async () => {
    join("a");
    await pass(0);
    expect(story).toEqual(["a leads"]);
    expect(server.lease()?.spec).toMatchObject({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    expect(server.spec()?.["renewTime"]).toMatch(/\.\d{6}Z$/);
  });

  it("leads on while it renews, and no other replica does", async () => {
    join("a");
    await pass(0);
    join("b");
    await pass(600);
    expect(story).toEqual(["a leads"]);
  });

  it("takes over when the Lease has not changed for its duration, and not before", async () => {
    server.overwrite({
      metadata: { labels: { kept: "yes" } },
      spec: {
        holderIdentity: "dead",
        leaseDurationSeconds: 15,
        leaseTransitions: 4,
        renewTime: "2000-01-01T00:00:00.000000Z",
      },
    });
    join("b");
    await pass(14.9);
    expect(story).toEqual([]);
    await pass(2);
    expect(story).toEqual(["b leads"]);
    expect(server.lease()).toMatchObject({
      metadata: { labels: { kept: "yes" } },
      spec: { leaseTransitions: 5 },
    });
  });

  it("leaves it to one of two that come at once", async () => {
    join("a");
    join("b");
    await pass(60);
    expect(story).toHaveLength(1);
  });

  it("takes over at once from one that released, which is not notified of a loss", async () => {
    const first = join("a");
    await pass(0);
    join("b");
    await pass(5);
    await first.release();
    expect(server.holder()).toBe("");
    await pass(2);
    expect(story).toEqual(["a leads", "b leads"]);
  });

  it("knows whether a process leads, itself or another, until the API server has not responded for the renew deadline", async () => {
    const [first, second] = [join("a"), join("b")];
    expect([first.isLed, second.isLed]).toEqual([false, false]);
    await pass(5);
    expect([first.isLed, second.isLed]).toEqual([true, true]);
    server.cut("refused");
    await pass(4);
    expect([first.isLed, second.isLed]).toEqual([true, true]);
    await pass(7);
    expect([first.isLed, second.isLed]).toEqual([false, false]);
  });

  it("that stands by logs who leads, once for each leader", async () => {
    const standby = () =>
      log.info.mock.calls.filter(
        ([message, fields]) => message === "standing by" && fields?.["identity"] === "c",
      );
    const lease = { lease: "netverdict", identity: "c" };
    server.overwrite({ metadata: {}, spec: { holderIdentity: "a", leaseDurationSeconds: 600 } });
    join("c");
    await pass(60);
    expect(standby()).toEqual([["standing by", { ...lease, leader: "a" }]]);
    server.overwrite({ metadata: {}, spec: { holderIdentity: "b", leaseDurationSeconds: 600 } });
    await pass(60);
    expect(standby().slice(1)).toEqual([["standing by", { ...lease, leader: "b" }]]);
  });

  it("that never led releases without touching the Lease", async () => {
    join("a");
    await pass(0);
    await join("b").release();
    expect(server.holder()).toBe("a");
  });
});

describe("a leader", () => {
  it.each(["refused", "hanging", "silent"] as const)(
    "gives up before the Lease runs out if all is %s",
    async (how) => {
      join("a");
      await pass(1);
      server.cut(how);
      await pass(6.9);
      expect(story).toEqual(["a leads"]);
      await pass(7);
      expect(story).toEqual(["a leads", "a lost"]);
    },
  );

  it("survives a short failure", async () => {
    join("a");
    await pass(0);
    server.cut("refused");
    await pass(7);
    server.cut("open");
    await pass(60);
    expect(story).toEqual(["a leads"]);
  });

  it("tries again before the renew deadline if one response is lost", async () => {
    join("a");
    await pass(1);
    server.cut("silent");
    await pass(3);
    server.cut("open");
    await pass(60);
    expect(story).toEqual(["a leads"]);
    expect(log.warn).toHaveBeenCalledWith(
      "the lease could not be written",
      expect.objectContaining({ lease: "netverdict", error: "no response within 3333 ms" }),
    );
  });

  it("gives up at once if another replica holds the Lease", async () => {
    join("a");
    await pass(0);
    server.overwrite({ metadata: {}, spec: { holderIdentity: "thief", leaseDurationSeconds: 15 } });
    await pass(2);
    expect(story).toEqual(["a leads", "a lost"]);
    await pass(60);
    expect(story).toEqual(["a leads", "a lost"]);
  });

  it("never leads beside another one, when its own way to the server is cut", async () => {
    let cut = false;
    const broken = {
      ...server.api,
      get: (path: string) => (cut ? Promise.reject(new Error("cut")) : server.api.get(path)),
    };
    join("a", broken);
    await pass(0);
    join("b");
    await pass(3);
    cut = true;
    await pass(60);
    expect(story).toEqual(["a leads", "a lost", "b leads"]);
  });

  it("releases even if the Lease cannot be reached", async () => {
    const election = join("a");
    await pass(0);
    server.cut("refused");
    await election.release();
    expect(log.warn).toHaveBeenCalledWith("the lease could not be released", expect.anything());
  });
});
