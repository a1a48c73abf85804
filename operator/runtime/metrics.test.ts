import { beforeEach, describe, expect, it } from "vitest";
import { createMetrics, type Metrics, type TestVerdictMetric } from "./metrics.ts";

let metrics: Metrics;
let testVerdicts: TestVerdictMetric[];
beforeEach(() => {
  metrics = createMetrics();
  testVerdicts = [];
  metrics.observe({
    testVerdicts: () => testVerdicts,
    queueDepth: () => 3,
    queuedRuns: () => 12,
    podsInProgress: () => 20,
  });
});

const series = async (name: string) => {
  const { text } = await metrics.expose();
  return text.split("\n").filter((line) => line.startsWith(name));
};

describe("the verdict of a test", () => {
  it("is 1 in one series of its and 0 in the others", async () => {
    testVerdicts = [{ namespace: "shop", name: "web", verdict: "Failed" }];
    expect(await series("netverdict_test_verdict{")).toEqual([
      'netverdict_test_verdict{namespace="shop",name="web",verdict="Pending"} 0',
      'netverdict_test_verdict{namespace="shop",name="web",verdict="Passed"} 0',
      'netverdict_test_verdict{namespace="shop",name="web",verdict="Inconclusive"} 0',
      'netverdict_test_verdict{namespace="shop",name="web",verdict="Failed"} 1',
    ]);
  });

  it("comes after the other metrics, as a gauge with a help text", async () => {
    testVerdicts = [{ namespace: "shop", name: "web", verdict: "Failed" }];
    const { text } = await metrics.expose();
    expect(text).toMatch(/^# HELP netverdict_test_verdict 1 for .+\n# TYPE netverdict_test_verdict gauge\n/m);
    expect(text.split("# TYPE netverdict_test_verdict")[1]?.split("\n")).toHaveLength(6);
  });

  it("has no series of a test that is no longer there", async () => {
    testVerdicts = [{ namespace: "shop", name: "web", verdict: "Failed" }];
    await metrics.expose();
    testVerdicts = [{ namespace: "shop", name: "other", verdict: "Passed" }];
    const names = (await series("netverdict_test_verdict{")).map((line) => /name="(\w+)",/.exec(line)?.[1]);
    expect(new Set(names)).toEqual(new Set(["other"]));
  });
});

it("reports the queued runs, the pods in progress, and how long runs were queued", async () => {
  metrics.runStarted(0);
  metrics.runStarted(25);
  expect(await series("netverdict_queued_runs")).toEqual(["netverdict_queued_runs 12"]);
  expect(await series("netverdict_pods_in_progress")).toEqual(["netverdict_pods_in_progress 20"]);
  expect(await series("netverdict_run_queue_wait_seconds_bucket")).toContain(
    'netverdict_run_queue_wait_seconds_bucket{le="20"} 1',
  );
  expect(await series("netverdict_run_queue_wait_seconds_sum")).toEqual([
    "netverdict_run_queue_wait_seconds_sum 25",
  ]);
});

it("counts runs, their time, failed reconciles, requests, and reports the depth of the queue", async () => {
  metrics.runEnded({ trigger: "Schedule", verdict: "Passed", seconds: 12 });
  metrics.reconcileFailed();
  metrics.apiRequest({ verb: "get", resource: "pods", code: 0, seconds: 1 });
  expect(await series("netverdict_runs_total")).toEqual([
    'netverdict_runs_total{trigger="Schedule",verdict="Passed"} 1',
  ]);
  expect(await series("netverdict_run_duration_seconds_sum")).toEqual([
    "netverdict_run_duration_seconds_sum 12",
  ]);
  expect(await series("netverdict_reconcile_errors_total")).toEqual(["netverdict_reconcile_errors_total 1"]);
  expect(await series("netverdict_api_requests_total")).toEqual([
    'netverdict_api_requests_total{verb="get",resource="pods",code="0"} 1',
  ]);
  expect(await series("netverdict_queue_depth")).toEqual(["netverdict_queue_depth 3"]);
  expect(await series("process_cpu_seconds_total")).toHaveLength(1);
});

it("has a registry for each, so that two do not disturb each other", async () => {
  metrics.reconcileFailed();
  const { text } = await createMetrics().expose();
  expect(text).toContain("netverdict_reconcile_errors_total 0");
});
