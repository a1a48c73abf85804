import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import { openRequests } from "../status/requests.ts";
import { nextRunAt } from "../status/schedule.ts";
import { connectivityTest, later, type TestOptions } from "../testing/objects.ts";
import type { DependencyChange } from "./dependencyDigest.ts";
import { dueRun } from "./dueRun.ts";

const MINUTE = 60_000;

interface Sketch {
  readonly spec?: NonNullable<TestOptions["spec"]>;
  /** Of the last run that ended; undefined: none did. */
  readonly ran?: { readonly generation?: number; readonly at?: number };
  readonly handled?: string;
  readonly request?: string;
}

/** The test of generation 1, whose last run began when everything did. */
function test({ spec = {}, ran, handled, request }: Sketch = {}): ConnectivityTest {
  const { generation = 1, at = 0 } = ran ?? {};
  const [startedAt, finishedAt] = [later(at).toISOString(), later(at + 20_000).toISOString()];
  return connectivityTest({
    spec,
    metadata: { annotations: request === undefined ? {} : { [RUN_REQUESTED]: request } },
    status: {
      ...(ran && { run: { id: "k3f9q", trigger: "Schedule", startedAt, finishedAt, generation } }),
      ...(handled !== undefined && { lastHandledRequest: handled }),
    },
  });
}

const dueOf = (one: ConnectivityTest, now: Date, change?: DependencyChange) =>
  dueRun(one, { now, requests: openRequests(one).waiting, change });

const every = { schedule: { every: "10m" } };
const ran = {};

describe("a run is due", () => {
  it("for a generation of which none has ended", () => {
    expect(dueOf(test(), later(0))).toEqual({ trigger: "Generation", key: "generation" });
    expect(dueOf(test({ ran: { generation: 0 } }), later(0))).toEqual({
      trigger: "Generation",
      key: "generation",
    });
  });

  it("for a new generation and the request that is there already", () => {
    expect(dueOf(test({ request: "token" }), later(0))).toEqual({
      trigger: "Generation",
      key: "generation",
      requests: ["token"],
    });
    expect(dueOf(test({ request: "token", handled: "token" }), later(0))).not.toHaveProperty("requests");
  });

  it("for a request, before the schedule", () => {
    expect(dueOf(test({ ran, request: "token", spec: every }), later(60 * MINUTE))).toEqual({
      trigger: "Request",
      key: "request:token",
      requests: ["token"],
    });
  });

  it("for a change that the test asks about, after a request and before the schedule", () => {
    const change = { trigger: "PolicyChange", digest: "abc" } as const;
    const overdue = later(60 * MINUTE);
    expect(dueOf(test({ ran, spec: every }), overdue, change)).toEqual({
      trigger: "PolicyChange",
      key: "PolicyChange:abc",
    });
    expect(dueOf(test({ ran, request: "token" }), overdue, change)).toMatchObject({ trigger: "Request" });
    expect(dueOf(test({ ran, spec: { suspend: true } }), overdue, change)).toBeUndefined();
  });

  it("for another request than the last", () => {
    expect(dueOf(test({ ran, request: "two", handled: "one" }), later(0))).toMatchObject({
      key: "request:two",
    });
  });

  it("by the schedule, and its key is the time at which it was due", () => {
    const at = nextRunAt(test({ ran, spec: every }), later(0)) ?? later(0);
    const due = { trigger: "Schedule", key: `at:${at.toISOString()}` };
    expect(dueOf(test({ ran, spec: every }), new Date(at.getTime() - 1))).toBeUndefined();
    expect(dueOf(test({ ran, spec: every }), at)).toEqual(due);
    expect(dueOf(test({ ran, spec: every }), later(11 * MINUTE))).toEqual(due);
  });

  it("once for all the times that were missed", () => {
    const back = later(600 * MINUTE);
    expect(dueOf(test({ ran, spec: every }), back)).toBeDefined();
    expect(dueOf(test({ ran: { at: 600 * MINUTE }, spec: every }), back)).toBeUndefined();
  });

  it("at the instants of a cron expression, in its time zone", () => {
    const berlin = { schedule: { cron: "30 13 * * *", timeZone: "Europe/Berlin" } };
    const at = new Date("2026-11-21T12:30:00Z");
    expect(dueOf(test({ ran, spec: berlin }), new Date(at.getTime() - 1))).toBeUndefined();
    expect(dueOf(test({ ran, spec: berlin }), at)).toEqual({
      trigger: "Schedule",
      key: `at:${at.toISOString()}`,
    });
  });
});

describe("no run is due", () => {
  const cases: readonly [string, Sketch, number][] = [
    ["without a schedule", { ran }, 1_000 * MINUTE],
    ["before the schedule's time", { ran, spec: every }, 9 * MINUTE - 1],
    ["for a request that was handled", { ran, request: "token", handled: "token" }, 0],
    ["for an empty request", { ran, request: "" }, 0],
    ["for a new generation while suspended", { spec: { suspend: true } }, 0],
    ["for a request while suspended", { ran, request: "token", spec: { suspend: true } }, 0],
    ["by the schedule while suspended", { ran, spec: { ...every, suspend: true } }, 1_000 * MINUTE],
  ];

  it.for(cases)("%s", ([, sketch, at]) => {
    expect(dueOf(test(sketch), later(at))).toBeUndefined();
  });

  it("twice for one cron instant, though the API server's clock is a little slow", () => {
    const spec = { schedule: { cron: "10 12 * * *" } };
    const startedEarly = test({ ran: { at: 10 * MINUTE - 1_000 }, spec });
    expect(dueOf(startedEarly, later(11 * MINUTE))).toBeUndefined();
  });
});

describe("a schedule that cannot be read", () => {
  const cases: readonly [string, NonNullable<Sketch["spec"]>["schedule"]][] = [
    ["a minute that there is not", { cron: "99 * * * *" }],
    ["a time zone that there is not", { cron: "0 6 * * *", timeZone: "Mars/Olympus" }],
    ["a date that never comes", { cron: "0 0 31 2 *" }],
    ["a date instead of an expression", { cron: "2026-01-01T00:00:00 * * * *" }],
  ];

  it.for(cases)("is a problem and no error: %s", ([, schedule]) => {
    const problematic = test({ ran, spec: { schedule } });
    expect(dueOf(problematic, later(0))).toMatchObject({ problem: { reason: "InvalidSchedule" } });
    expect(nextRunAt(problematic, later(0))).toBeUndefined();
  });

  it("names what is wrong with it", () => {
    const due = dueOf(
      test({ spec: { schedule: { cron: "0 6 * * *", timeZone: "Mars/Olympus" } } }),
      later(0),
    );
    expect(due).toHaveProperty("problem.message", expect.stringContaining("Mars/Olympus"));
  });

  it("stops no suspended test, which does not run anyway", () => {
    expect(
      dueOf(test({ spec: { schedule: { cron: "99 * * * *" }, suspend: true } }), later(0)),
    ).toBeUndefined();
  });
});

describe("a cron expression", () => {
  it("is read in UTC where no time zone is named, wherever the operator runs", () => {
    expect(nextRunAt(test({ spec: { schedule: { cron: "0 6 * * *" } } }), later(0))?.toISOString()).toBe(
      "2026-11-22T06:00:00.000Z",
    );
  });

  it("takes ? for *, as a CronJob does", () => {
    expect(nextRunAt(test({ spec: { schedule: { cron: "0 6 ? * ?" } } }), later(0))?.toISOString()).toBe(
      "2026-11-22T06:00:00.000Z",
    );
  });
});

describe("a request's token", () => {
  it("is cut to what the status can answer with, and then counts as handled", () => {
    const request = "t".repeat(300);
    expect(dueOf(test({ ran, request }), later(0))).toHaveProperty("requests", ["t".repeat(256)]);
    expect(dueOf(test({ ran, request, handled: "t".repeat(256) }), later(0))).toBeUndefined();
  });

  it("is handled once it comes back, for any request", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), (request) => {
        const [token] = openRequests(test({ ran, request })).waiting;
        const handled = new TextDecoder().decode(new TextEncoder().encode(token));
        expect(handled).not.toBe("");
        expect(dueOf(test({ ran, request, handled }), later(0))).toBeUndefined();
      }),
    );
  });
});
