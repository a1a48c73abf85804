import { describe, expect, it } from "vitest";
import { controllerScene, MINUTE, PODS, RUNS } from "../testing/controllerScene.ts";
import { pod } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";

const { memory, controller, apply, probe, status, runs, probePods } = controllerScene();

/** Milliseconds until a probe pod that does not start has not run. */
const NOT_STARTED = 61_000;

describe("a run that is Inconclusive for a transient reason", () => {
  const request = { annotations: { "netverdict.dev/run-requested": "now" } };

  it("is repeated, and gets the verdict of the attempt that decides, as one run", async () => {
    await apply({ metadata: request });
    await controller().pass(NOT_STARTED);
    expect(runs()).toMatchObject([{ status: { phase: "Finished" } }]);
    expect(status()).toMatchObject({ verdict: "Pending" });
    expect(status().message).toMatch(/has no final result yet \(ProbeNotRun\), .* attempt 2 starts at 2026-/);
    expect(status()).not.toHaveProperty("lastHandledRequest");
    await controller().pass(6_000);
    await probe();
    expect(status()).toMatchObject({
      verdict: "Passed",
      run: { trigger: "Generation", attempts: 2 },
      lastHandledRequest: "now",
    });
    expect(status().history).toHaveLength(1);
    expect(runs().map(({ spec }) => spec.run)).toMatchObject([{ id: status().run?.id, attempt: 2 }]);
    expect(controller().repeated).toEqual(["ProbeNotRun"]);
    expect(controller().published.filter(({ ended }) => ended)).toHaveLength(1);
  });

  it("is Inconclusive after its last attempt", async () => {
    await apply();
    await controller().pass(20 * MINUTE);
    expect(status()).toMatchObject({
      verdict: "Inconclusive",
      run: { attempts: 4 },
      expectations: [{ reason: "ProbeNotRun" }],
    });
    expect(runs()).toHaveLength(1);
    expect(probePods()).toEqual([]);
  });

  it("keeps the verdict of the run before until it is decided, if the schedule started it", async () => {
    await apply({ spec: { schedule: { every: "10m" } } });
    await probe();
    await controller().pass(10 * MINUTE + NOT_STARTED);
    expect(status()).toMatchObject({ verdict: "Passed", run: { attempts: 1 } });
    await controller().pass(6_000);
    await probe(".....");
    expect(status()).toMatchObject({ verdict: "Inconclusive", run: { trigger: "Schedule", attempts: 2 } });
  });

  it("starts with its first attempt for a new spec", async () => {
    await apply();
    await controller().pass(NOT_STARTED);
    await apply({ spec: { probing: { interval: "2s" } } });
    await probe();
    expect(status()).toMatchObject({ verdict: "Passed", run: { generation: 2, attempts: 1 } });
    expect(runs()).toHaveLength(1);
  });

  it("ends with the result that it has if the next attempt is rejected", async () => {
    await apply();
    memory().before = ({ verb, path }) => {
      if (verb === "create" && path === RUNS) throw rejection(403, "Forbidden", "exceeded quota: runs");
    };
    await controller().pass(NOT_STARTED + 6_000);
    expect(status()).toMatchObject({
      verdict: "Inconclusive",
      run: { attempts: 1 },
      expectations: [{ reason: "ProbeNotRun" }],
    });
  });

  it("is repeated until the pods of its source are there, if they were created later than the test", async () => {
    memory().remove(`${PODS}/ui`);
    await apply();
    expect(status()).toMatchObject({ verdict: "Pending" });
    memory().put(`${PODS}/ui`, pod("ui", { labels: { app: "ui" } }));
    await controller().pass(6_000);
    await probe();
    expect(status()).toMatchObject({ verdict: "Passed", run: { attempts: 2 } });
  });

  it("is repeated if no pod of its source was running at its end, so that source and twin could not be compared", async () => {
    await apply();
    memory().remove(`${PODS}/ui`);
    await probe();
    expect(status()).toMatchObject({ verdict: "Pending" });
    expect(status().message).toContain("has no final result yet (SourceNotReproducible)");
    memory().put(`${PODS}/ui`, pod("ui", { labels: { app: "ui" } }));
    await controller().pass(6_000);
    await probe();
    expect(status()).toMatchObject({ verdict: "Passed", run: { attempts: 2 } });
    expect(controller().repeated).toEqual(["SourceNotReproducible"]);
  });
});
