import { describe, expect, it } from "vitest";
import type { Check } from "../../crds/proberun/proberun.ts";
import { encodeReport, type Report } from "../../probes/report.ts";
import { BEGAN, probePod, probeRun } from "../testing/objects.ts";
import { probePodState } from "./probePodState.ts";

const checks: Check[] = [0, 1].map((path) => ({
  path,
  tool: "tcp",
  family: "IPv4",
  address: "10.1.0.1",
  port: 80,
  provesSource: false,
}));

const report: Report = {
  startedAt: Date.parse(BEGAN),
  complete: true,
  results: [
    { path: 0, samples: "CCC", latencyMs: 0.8 },
    { path: 1, samples: ".....", hint: "timeout" },
  ],
};

const run = probeRun();

/** The fate of a pod with this status. */
const podState = (status: object, metadata: object = {}) =>
  probePodState(probePod("probe-ui", run, { status, metadata }), { checks, probing: run.spec.probing });

const container = (state: object) => ({ containerStatuses: [{ name: "probe", state }] });
const ended = (terminated: object, status: object = {}) => ({
  phase: "Succeeded",
  ...container({ terminated: { exitCode: 0, reason: "Completed", ...terminated } }),
  ...status,
});

describe("a probe pod that waits", () => {
  const scheduled = (status: string) => [
    { type: "PodScheduled", status, reason: "Unschedulable", message: "0/3 nodes are available" },
  ];
  const waiting = (reason: string, message = "") => container({ waiting: { reason, message } });

  it.each([
    ["just created", {}, { message: "its container has not started", unexplained: true }],
    [
      "unschedulable",
      { conditions: scheduled("False") },
      { message: "Unschedulable: 0/3 nodes are available", unexplained: false },
    ],
    ["starting", waiting("ContainerCreating"), { message: "ContainerCreating", unexplained: true }],
    [
      "pulling in vain",
      waiting("ImagePullBackOff", "back-off"),
      { message: "ImagePullBackOff: back-off", unexplained: false },
    ],
    [
      "of a kubelet just restarted",
      waiting("CreateContainerConfigError", "not yet read"),
      { message: "CreateContainerConfigError: not yet read", unexplained: false },
    ],
  ])("%s", (_, status, waits) => {
    expect(podState(status)).toEqual({ state: "Waiting", ...waits });
  });

  it("for a node that says nothing of it asks whether that is still there", () => {
    const pod = probePod("probe-ui", run, {
      status: { conditions: scheduled("True") },
      spec: { nodeName: "node-2" },
    });
    expect(probePodState(pod, { checks, probing: run.spec.probing })).toEqual({
      state: "Waiting",
      message: "its container has not started. Check that the node node-2 is up",
      unexplained: true,
    });
  });

  it.each(["InvalidImageName", "ErrImageNeverPull"])("for %s waits in vain", (reason) => {
    expect(podState(waiting(reason, "no such image"))).toEqual({
      state: "NotRun",
      message: `${reason}: no such image`,
    });
  });

  it("has words that fit the status, in one line of plain text, for any answer of a registry", () => {
    const words = podState(waiting("ErrImagePull", `\u001B[31m<html>\n${"x".repeat(4_000)}`));
    const message = "ErrImagePull:  [31m<html> ".padEnd(400, "x");
    expect(words).toEqual({ state: "Waiting", message, unexplained: false });
  });
});

describe("a probe pod runs", () => {
  it("while its container does", () => {
    expect(podState({ phase: "Running", ...container({ running: { startedAt: BEGAN } }) })).toEqual({
      state: "Running",
    });
  });

  it("even if a sidecar does not yet", () => {
    const sidecar = { name: "proxy", state: { waiting: { reason: "CrashLoopBackOff" } } };
    const status = { containerStatuses: [sidecar, { name: "probe", state: { running: {} } }] };
    expect(podState(status)).toEqual({ state: "Running" });
  });
});

describe("a probe pod that has ended", () => {
  const finished = { state: "Finished", report };

  it("has reported its results", () => {
    expect(podState(ended({ message: encodeReport(report) }))).toEqual(finished);
  });

  it("has reported its results even if a sidecar keeps the pod running", () => {
    const status = { phase: "Running" };
    expect(podState(ended({ message: encodeReport(report) }, status))).toEqual(finished);
  });

  it.each(["DeadlineExceeded", "Evicted"])(
    "has reported its results by an end from outside, if that is how it ends: %s",
    (reason) => {
      const status = { phase: "Failed", reason, message: "was active longer" };
      const stateOf = (terminated: object) =>
        probePodState(probePod("witness", run, { status: ended(terminated, status) }), {
          checks,
          probing: run.spec.probing,
          untilEnded: true,
        });
      expect(stateOf({ message: encodeReport(report) })).toEqual(finished);
      for (const exitCode of [137, 143])
        expect(stateOf({ exitCode, reason: "Error", message: encodeReport(report) })).toEqual({
          state: "NotRun",
          message: {
            DeadlineExceeded: `it was ended before it had written a report (exit code ${exitCode})`,
            Evicted: `the probe ended with Error (exit code ${exitCode})`,
          }[reason],
        });
      expect(stateOf({ message: encodeReport({ ...report, complete: false }) }).state).toBe("NotRun");
    },
  );

  it("has not ended if the kubelet reports the deadline before the end of the container", () => {
    const running = container({ running: {} });
    const stateOf = (status: object, untilEnded: boolean) =>
      probePodState(probePod("witness", run, { status: { phase: "Failed", ...status } }), {
        checks,
        probing: run.spec.probing,
        untilEnded,
      }).state;
    const deadline = { reason: "DeadlineExceeded" };
    expect(stateOf({ ...running, ...deadline }, true)).toBe("Running");
    expect(stateOf({ ...running, ...deadline }, false)).toBe("NotRun");
    expect(stateOf({ ...running, reason: "Evicted" }, true)).toBe("NotRun");
    expect(stateOf(deadline, true)).toBe("NotRun");
  });

  it.each([
    [
      "evicted",
      ended(
        { exitCode: 137, reason: "Error" },
        { phase: "Failed", reason: "Evicted", message: "The node was low on memory" },
      ),
      "Evicted: The node was low on memory",
    ],
    [
      "evicted before it started",
      { phase: "Failed", reason: "Evicted", message: "The node was low on memory" },
      "Evicted: The node was low on memory",
    ],
    [
      "past its deadline, whatever it told",
      ended(
        { message: encodeReport(report) },
        { phase: "Failed", reason: "DeadlineExceeded", message: "was active longer" },
      ),
      "DeadlineExceeded: was active longer",
    ],
    [
      "out of memory",
      ended({ exitCode: 137, reason: "OOMKilled" }, { phase: "Failed" }),
      "the probe ended with OOMKilled (exit code 137)",
    ],
    [
      "by an error, whatever it told",
      ended({ exitCode: 1, reason: "Error", message: encodeReport(report) }),
      "the probe ended with Error (exit code 1)",
    ],
    ["for no reason", ended({ exitCode: 2, reason: "" }), "the probe ended with an error (exit code 2)"],
    [
      "before it began",
      ended({ exitCode: 128, reason: "StartError", message: "exec: node: not found" }),
      "StartError: exec: node: not found",
    ],
    ["without a trace", { phase: "Failed" }, "the pod failed"],
    ["well, without a trace", { phase: "Succeeded" }, "the pod succeeded"],
  ])("%s", (_, status, message) => {
    expect(podState(status)).toEqual({ state: "NotRun", message });
  });

  it.each([
    ["nothing", "", "it is empty"],
    ["a log line", "Error: ENOMEM", "it is not JSON"],
    ["half a report", encodeReport(report).slice(0, 40), "it is not JSON"],
    ["something else", "[1]", "it is not a report"],
    ["too little", encodeReport({ ...report, results: report.results.slice(1) }), "path 0 is missing"],
    [
      "of a path of another pod",
      encodeReport({ ...report, results: [{ path: 7, samples: "CCC" }] }),
      "path 7 was not planned",
    ],
    [
      "what its tool cannot see",
      encodeReport({
        ...report,
        results: [
          { path: 0, samples: "AAA" },
          { path: 1, samples: "." },
        ],
      }),
      "path 0 has samples that its tool cannot give",
    ],
  ])("well, but has reported %s", (_, message, problem) => {
    expect(podState(ended({ message }))).toEqual({
      state: "NotRun",
      message: `the probe's report cannot be used: ${problem}`,
    });
  });

  it("well, but has reported a time when it did not run, as the report of another run would", () => {
    const times = { startedAt: BEGAN, finishedAt: "2026-11-21T12:00:09Z" };
    expect(podState(ended({ ...times, message: encodeReport(report) }))).toEqual(finished);
    const older = encodeReport({ ...report, startedAt: Date.parse(BEGAN) - 60_000 });
    expect(podState(ended({ ...times, message: older }))).toEqual({
      state: "NotRun",
      message: "the probe's report cannot be used: it has times at which its container did not run",
    });
  });

  it("well, but has not reported everything", () => {
    expect(podState(ended({ message: encodeReport({ ...report, complete: false }) }))).toEqual({
      state: "NotRun",
      message: "the probe ended before its report was complete",
    });
  });
});

describe("a probe pod that another client deletes", () => {
  const deleted = { deletionTimestamp: BEGAN };
  const message = "the pod was deleted before its probe had ended";
  const disruption = {
    conditions: [
      {
        type: "DisruptionTarget",
        status: "True",
        reason: "EvictionByEvictionAPI",
        message: "Eviction API: evicting",
      },
    ],
  };
  const running = { phase: "Running", ...container({ running: {} }) };
  const killed = ended({ exitCode: 143, reason: "Error" }, { phase: "Failed" });

  it.each([
    ["before it starts", {}],
    ["while it runs", running],
    ["and that has been killed by it", killed],
  ])("%s has not run", (_, status) => {
    expect(podState(status, deleted)).toEqual({ state: "NotRun", message });
  });

  it.each([
    ["while it runs", running],
    ["and that has been killed by it", killed],
  ])("%s says who did it, if the cluster does", (_, status) => {
    expect(podState({ ...status, ...disruption }, deleted)).toEqual({
      state: "NotRun",
      message: `${message} (EvictionByEvictionAPI: Eviction API: evicting)`,
    });
  });

  it("after it has reported its results has run", () => {
    expect(podState(ended({ message: encodeReport(report) }), deleted)).toEqual({
      state: "Finished",
      report,
    });
  });

  it("soon, but not yet, goes on", () => {
    expect(podState({ ...running, ...disruption })).toEqual({ state: "Running" });
  });
});
