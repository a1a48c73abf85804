import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, expectation, later } from "../testing/objects.ts";
import { conditionsOf, endedRun, kstatus, published } from "../testing/statuses.ts";
import { nextRunAt } from "./schedule.ts";
import { nextStatus, type StatusInput } from "./status.ts";

const now = later(30_000);
const test = connectivityTest({ spec: { schedule: { every: "10m" } } });
const after = (...verdicts: Verdict[]) =>
  published({ test, ended: endedRun(verdicts, { digestOf: test.spec }), now });
const newGeneration = (old: typeof test) => ({
  ...old,
  metadata: { ...old.metadata, generation: 2 },
  spec: { ...old.spec, probing: { ...old.spec.probing, rounds: 4 } },
});

describe("before the first run of a generation has ended", () => {
  it("is Pending at once, for the generation that was seen", () => {
    const status = nextStatus({ test, now });
    expect(status).toMatchObject({ verdict: "Pending", observedGeneration: 1 });
    expect(status).not.toHaveProperty("nextRunAt");
    expect(conditionsOf(status)).toEqual([
      "Passed=Unknown InProgress",
      "Ready=Unknown InProgress",
      "Reconciling=True InProgress",
    ]);
    expect(kstatus(status)).toBe("InProgress");
  });

  it("names the run in progress", () => {
    const status = nextStatus({ test, active: { id: "k3f9q", trigger: "Generation" }, now });
    expect(status.message).toBe("run k3f9q of generation 1 is in progress. Check ProbeRun net-k3f9q");
  });

  it("no longer shows what was found for another spec, but remembers that there were runs", () => {
    const status = nextStatus({ test: newGeneration(after("Passed")), now: later(60_000) });
    expect(status).toMatchObject({ verdict: "Pending", observedGeneration: 2, run: { id: "k3f9q" } });
    expect(status.history).toHaveLength(1);
    for (const gone of ["expectations", "summary", "validUntil", "nextRunAt"])
      expect(status).not.toHaveProperty(gone);
    expect(conditionsOf(status)).toContain("Passed=Unknown InProgress");
  });

  it("does not listen to a run of an older generation", () => {
    const changed = newGeneration(after("Passed"));
    const old = endedRun(["Failed"], { id: "other", generation: 1, requests: ["token"] });
    const status = nextStatus({ test: changed, ended: old, now });
    expect(status).toMatchObject({ verdict: "Pending", run: { id: "k3f9q" } });
    expect(status).not.toHaveProperty("lastHandledRequest");
  });

  it("waits without being in progress while suspended", () => {
    const suspended = connectivityTest({ spec: { suspend: true } });
    const status = nextStatus({ test: suspended, now });
    expect(conditionsOf(status)).toEqual(["Passed=Unknown Suspended", "Ready=False Suspended"]);
  });
});

describe("after a run", () => {
  const cases: readonly [
    verdicts: Verdict[],
    verdict: Verdict,
    text: string,
    conditions: string[],
    kstatus: string,
  ][] = [
    [["Passed", "Passed"], "Passed", "2/2", ["Passed=True AsExpected", "Ready=True AsExpected"], "Current"],
    [
      ["Passed", "Failed"],
      "Failed",
      "1/2",
      ["Passed=False Open", "Ready=False Open", "Stalled=True Open"],
      "Failed",
    ],
    [
      ["Inconclusive", "Passed"],
      "Inconclusive",
      "1/2",
      ["Passed=Unknown TargetNotProven", "Ready=False TargetNotProven", "Stalled=True TargetNotProven"],
      "Failed",
    ],
    [
      ["Inconclusive", "Failed"],
      "Failed",
      "0/2",
      ["Passed=False Open", "Ready=False Open", "Stalled=True Open"],
      "Failed",
    ],
  ];

  it.for(cases)("of %j the test is %s (%s)", ([verdicts, verdict, text, wanted, seen]) => {
    const { status } = after(...verdicts);
    expect(status).toMatchObject({ verdict, summary: { total: 2, text }, observedGeneration: 1 });
    expect(conditionsOf(status)).toEqual(wanted);
    expect(kstatus(status)).toBe(seen);
    expect(status.conditions?.every(({ observedGeneration }) => observedGeneration === 1)).toBe(true);
  });

  it("reports the worst expectation, briefly for the column and at length in the condition, or that all hold", () => {
    const { status } = after("Passed", "Inconclusive", "Failed");
    expect(status.message).toMatch(/^c: expected (Allowed|Denied), was .* \(\w+\), and 1 more$/);
    expect(status.conditions?.find(({ type }) => type === "Passed")?.message).toBe(
      "c: as seen; Failed since 2026-11-21 12:00 UTC",
    );
    expect(after("Passed", "Passed", "Passed").status.message).toBe("3 of 3 expectations hold");
  });

  it("says when the next one is due, and when the verdict is stale", () => {
    expect(after("Passed").status).toMatchObject({
      run: {
        id: "k3f9q",
        startedAt: later(0).toISOString(),
        finishedAt: later(20_000).toISOString(),
        generation: 1,
      },
      nextRunAt: nextRunAt(test, later(0))?.toISOString(),
      validUntil: later(20_000 + 2 * 600_000).toISOString(),
    });
  });

  it("is valid with cron until the run after the next", () => {
    const hourly = connectivityTest({ spec: { schedule: { cron: "30 * * * *" } } });
    expect(published({ test: hourly, ended: endedRun(["Passed"]), now }).status).toMatchObject({
      nextRunAt: "2026-11-21T12:30:00.000Z",
      validUntil: "2026-11-21T13:30:00.000Z",
    });
  });

  it("never goes stale without a schedule", () => {
    const { status } = published({ test: connectivityTest(), ended: endedRun(["Passed"]), now });
    expect(status).not.toHaveProperty("validUntil");
    expect(status).not.toHaveProperty("nextRunAt");
  });

  it("answers the request that it was for, and keeps the answer", () => {
    const answered = published({ test, ended: endedRun(["Passed"], { requests: ["token"] }), now });
    expect(answered.status.lastHandledRequest).toBe("token");
    const next = published({ test: answered, ended: endedRun(["Passed"], { id: "next", at: 600_000 }), now });
    expect(next.status.lastHandledRequest).toBe("token");
  });
});

describe("a spec that cannot be run", () => {
  const problem = { reason: "TooManyPaths", message: "the spec expands to 300 paths" } as const;

  it("is Stalled, with the reason", () => {
    const status = nextStatus({ test, problem, now });
    expect(status).toMatchObject({ verdict: "Pending", message: problem.message });
    expect(conditionsOf(status)).toEqual([
      "Passed=Unknown TooManyPaths",
      "Ready=False TooManyPaths",
      "Stalled=True TooManyPaths",
    ]);
    expect(kstatus(status)).toBe("Failed");
  });

  it("takes back an older green, and gives it again when the problem has gone", () => {
    const green = after("Passed");
    const stuck = published({ test: green, problem, now });
    expect(stuck.status).toMatchObject({ verdict: "Inconclusive", summary: { text: "1/1" } });
    expect(conditionsOf(stuck.status)[0]).toBe("Passed=Unknown TooManyPaths");
    expect(nextStatus({ test: stuck, now }).verdict).toBe("Passed");
  });
});

describe("history and times", () => {
  it("remembers the last 10 runs, the newest first", () => {
    const ids = Array.from({ length: 12 }, (_, index) => `run-${index}`);
    const last = ids.reduce(
      (current, id, index) =>
        published({ test: current, ended: endedRun(["Passed"], { id, at: index * 600_000 }), now }),
      test,
    );
    expect(last.status.history?.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 10));
    expect(last.status.history?.[0]).toMatchObject({ verdict: "Passed", text: "1/1" });
  });

  it("moves an expectation's lastTransitionTime only with its verdict", () => {
    const first = after("Passed", "Failed");
    const second = published({
      test: first,
      ended: endedRun(["Passed", "Passed"], { id: "next", at: 600_000 }),
      now,
    });
    const times = second.status.expectations?.map(({ lastTransitionTime }) => lastTransitionTime);
    expect(times).toEqual([later(20_000).toISOString(), later(620_000).toISOString()]);
  });

  it("moves a condition's lastTransitionTime only with its status", () => {
    const [first, later60] = [after("Failed"), later(60_000)];
    const ended = endedRun(["Failed"], { id: "next", at: 600_000 });
    const again = published({ test: first, ended, now: later60 });
    expect(again.status.conditions).toEqual(first.status.conditions);
    const better = published({ test: again, ended: endedRun(["Passed"], { id: "third" }), now: later60 });
    expect(better.status.conditions?.[0]?.lastTransitionTime).toBe(later60.toISOString());
  });

  it("leaves conditions of others alone", () => {
    const foreign = {
      type: "Audited",
      status: "True",
      reason: "ByHand",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    } as const;
    const status = nextStatus({ test: { ...test, status: { ...test.status, conditions: [foreign] } }, now });
    expect(status.conditions).toContainEqual(foreign);
  });
});

describe("writing it again", () => {
  const inputs: readonly [string, StatusInput][] = [
    ["nothing has run", { test, now }],
    ["a run has ended", { test, ended: endedRun(["Passed", "Failed"], { requests: ["token"] }), now }],
    [
      "a requested run is under way",
      { test: after("Failed"), active: { id: "next", trigger: "Request" }, now },
    ],
    [
      "the spec cannot be run",
      { test: after("Passed"), problem: { reason: "InvalidSchedule", message: "no" }, now },
    ],
    ["a new generation waits", { test: newGeneration(after("Passed")), now }],
  ];

  it.for(inputs)("gives the same status while %s", ([, input]) => {
    const again = published(input);
    expect(isDeepStrictEqual(nextStatus({ ...input, test: again, now: later(90_000) }), again.status)).toBe(
      true,
    );
  });

  it("gives the same status when the ended run is no longer at hand", () => {
    const again = after("Passed", "Inconclusive", "Failed");
    expect(isDeepStrictEqual(nextStatus({ test: again, now: later(90_000) }), again.status)).toBe(true);
  });
});

it("the message of a ClusterConnectivityTest says in which namespace its run is", () => {
  const active = { id: "k3f9q", trigger: "Generation", runNamespace: "netverdict-system" } as const;
  const asked = { ...expectation({ to: { ip: "203.0.113.1" }, icmp: {} }), from: { namespaceSelector: {} } };
  const ofCluster = connectivityTest({ metadata: { namespace: "" }, spec: { expectations: [asked] } });
  expect(nextStatus({ test: ofCluster, now, active }).message).toContain(
    "Check ProbeRun net-k3f9q in namespace netverdict-system",
  );
});
