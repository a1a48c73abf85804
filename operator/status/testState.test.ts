import { describe, expect, it } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { conditionsOf, endedRun, kstatus, published } from "../testing/statuses.ts";
import { nextStatus, type StatusInput } from "./status.ts";

const now = later(30_000);
const test = connectivityTest({ spec: { schedule: { every: "10m" } } });
const after = (...verdicts: Verdict[]) =>
  published({ test, ended: endedRun(verdicts, { digestOf: test.spec }), now });

describe("while the next run is in progress", () => {
  const failed = after("Failed");
  const awaited: readonly Pick<StatusInput, "active" | "isRollingOut">[] = [
    { active: { id: "next", trigger: "Request", requests: ["token"] } },
    { active: { id: "next", trigger: "PolicyChange" } },
    { active: { id: "next", trigger: "WorkloadChange" } },
    { active: { id: "next", trigger: "Schedule", requests: ["token"] } },
    { isRollingOut: true },
  ];

  it.for(awaited)("the last verdict is not taken for the next one: %j", (input) => {
    for (const [one, passed] of [
      [failed, "Passed=False Open"],
      [after("Passed"), "Passed=True AsExpected"],
    ] as const) {
      const status = nextStatus({ test: one, ...input, now });
      expect(status.verdict).toBe(one.status.verdict);
      expect(conditionsOf(status)).toEqual([
        passed,
        "Ready=Unknown InProgress",
        "Reconciling=True InProgress",
      ]);
      expect(kstatus(status)).toBe("InProgress");
    }
  });

  it("a scheduled one changes nothing, so that GitOps tools do not flap", () => {
    const status = nextStatus({
      test: failed,
      active: { id: "next", trigger: "Schedule" },
      now: later(90_000),
    });
    expect(status).toEqual(failed.status);
  });
});

describe("a verdict that no run has renewed in time", () => {
  const late = later(20_000 + 2 * 600_000);

  it("is no verdict any more", () => {
    const status = nextStatus({ test: after("Passed"), now: late });
    expect(status).toMatchObject({ verdict: "Inconclusive", summary: { text: "1/1" } });
    expect(conditionsOf(status)).toEqual([
      "Passed=Unknown Expired",
      "Ready=False Expired",
      "Stalled=True Expired",
    ]);
    expect(kstatus(status)).toBe("Failed");
  });

  it("is the verdict until then", () => {
    const status = nextStatus({ test: after("Passed"), now: new Date(late.getTime() - 1) });
    expect(status.verdict).toBe("Passed");
  });

  it("is in progress while the run of the schedule takes longer", () => {
    const active = { id: "next", trigger: "Schedule" } as const;
    const status = nextStatus({ test: after("Passed"), active, now: late });
    expect(conditionsOf(status)).toEqual([
      "Passed=Unknown Expired",
      "Ready=Unknown InProgress",
      "Reconciling=True InProgress",
    ]);
  });
});

describe("a test that is suspended", () => {
  const green = after("Passed");
  const suspended = {
    ...green,
    metadata: { ...green.metadata, generation: 2 },
    spec: { ...green.spec, suspend: true },
  };

  it("keeps its verdict, which is about the same spec", () => {
    const status = nextStatus({ test: suspended, now });
    expect(status).toMatchObject({ verdict: "Passed", observedGeneration: 2, run: { generation: 2 } });
    expect(kstatus(status, 2)).toBe("Current");
    const again = { ...suspended, status: connectivityTestSchema.shape.status.parse(status) };
    const resumed = {
      ...again,
      metadata: { ...green.metadata, generation: 3 },
      spec: { ...green.spec, suspend: false },
    };
    expect(nextStatus({ test: resumed, now })).toMatchObject({ verdict: "Passed", run: { generation: 3 } });
  });

  it("gets the verdict of the run that was in progress", () => {
    const { status: _, ...fresh } = suspended;
    const ended = endedRun(["Failed"], { digestOf: test.spec });
    expect(nextStatus({ test: { ...fresh, status: test.status }, ended, now })).toMatchObject({
      verdict: "Failed",
      run: { generation: 2 },
    });
  });

  it("has no verdict on a spec that no run has tested", () => {
    const spec = { ...suspended.spec, probing: { ...suspended.spec.probing, rounds: 5 } };
    expect(nextStatus({ test: { ...suspended, spec }, now })).toMatchObject({ verdict: "Pending" });
  });

  it("has no valid verdict when its time is over", () => {
    expect(nextStatus({ test: suspended, now: later(3 * 600_000) })).toMatchObject({
      verdict: "Inconclusive",
      observedGeneration: 2,
    });
  });
});
