import { describe, expect, it } from "vitest";
import { encodeReport } from "../../probes/report.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { BEGAN, later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { progressOf } from "./progress.ts";

const START_TIMEOUT = 120_000;
const run = plannedRun({ "probe-a": 2, "probe-b": 1 });
/** Fifteen rounds a second apart, two timeouts of two seconds, and ten seconds to spare. */
const WINDOW = 62_000;

const [a, b] = run.spec.pods;

interface Asked {
  readonly now?: Date;
  readonly of?: typeof run;
}

function progress(pods: readonly ProbePod[], { now = later(1_000), of = run }: Asked = {}) {
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  return progressOf({ run: of, pods: byName, startTimeout: START_TIMEOUT, now });
}

const inState = (
  name: string,
  state: object,
  more: { metadata?: object; spec?: object; status?: object } = {},
) =>
  probePod(name, run, {
    spec: { nodeName: "node-1" },
    ...more,
    status: { containerStatuses: [{ name: "probe", state }], ...more.status },
  });

const finished = (name: string, message = reportOf(run, name)) =>
  inState(name, {
    terminated: { exitCode: 0, reason: "Completed", message, finishedAt: "2026-11-21T12:00:09Z" },
  });
const running = (name: string) => inState(name, { running: {} });
const waiting = (name: string, metadata: object = {}) =>
  inState(name, { waiting: { reason: "ImagePullBackOff" } }, { metadata });

const NOTHING_TO_DO = { missing: [], rejected: [], superseded: [], unexplained: [], unneeded: [] };

describe("probe pods that are missing", () => {
  it("are to be created, in a run that has just begun", () => {
    const { status, missing, requeueAt } = progress([]);
    expect(missing).toEqual([a, b]);
    expect(status).toEqual({
      phase: "Pending",
      pods: [
        { name: "probe-a", phase: "Pending" },
        { name: "probe-b", phase: "Pending" },
      ],
      results: [],
    });
    expect(requeueAt).toEqual(later(START_TIMEOUT + WINDOW));
  });

  it("are created again after a deletion, but not beside one that is there", () => {
    expect(progress([running("probe-a")]).missing).toEqual([b]);
  });

  it("have not run when the time for them is over, and the words why they could not be created stay", () => {
    const of = plannedRun(
      { "probe-a": 2, "probe-b": 1 },
      {
        pods: [{ name: "probe-b", phase: "Pending", message: "exceeded quota" }],
      },
    );
    const now = later(START_TIMEOUT + WINDOW);
    expect(progress([], { now, of })).toEqual({
      status: {
        phase: "Finished",
        finishedAt: now.toISOString(),
        pods: [
          { name: "probe-a", phase: "NotRun", message: "the pod did not exist 3m2s after the run started" },
          { name: "probe-b", phase: "NotRun", message: "exceeded quota" },
        ],
        results: [],
      },
      ...NOTHING_TO_DO,
    });
  });
});

describe("a probe pod that the API server refuses", () => {
  const refused = { name: "probe-a", phase: "Pending" as const, message: "exceeded quota" };
  const of = plannedRun({ "probe-a": 1 }, { pods: [refused] });

  it("is asked for as long as one that exists may take to start", () => {
    const { missing, requeueAt } = progress([], { of, now: later(START_TIMEOUT - 1) });
    expect(missing.map(({ name }) => name)).toEqual(["probe-a"]);
    expect(requeueAt).toEqual(later(START_TIMEOUT));
  });

  it("has not run then", () => {
    const { status, missing } = progress([], { of, now: later(START_TIMEOUT) });
    expect(status.pods).toEqual([{ ...refused, phase: "NotRun" }]);
    expect(missing).toEqual([]);
  });
});

describe("a probe pod that waits or runs", () => {
  it.each([
    {
      does: "waits",
      pod: waiting("probe-a"),
      limit: START_TIMEOUT,
      message: "not started within 2m: ImagePullBackOff",
    },
    {
      does: "runs",
      pod: running("probe-a"),
      limit: START_TIMEOUT + WINDOW,
      message: "not ended 3m2s after its creation. Check that the node node-1 is up",
    },
  ])("$does: nothing is recorded until its time is over", ({ pod, limit, message }) => {
    const early = progress([pod, finished("probe-b")], { now: later(limit - 1) });
    expect(early.status.pods[0]).toEqual({ name: "probe-a", phase: "Pending" });
    expect(early.requeueAt).toEqual(later(limit));
    const late = progress([pod, finished("probe-b")], { now: later(limit) });
    expect(late.status).toMatchObject({
      phase: "Finished",
      pods: [{ name: "probe-a", phase: "NotRun", uid: "uid-probe-a", node: "node-1", message }, {}],
    });
    expect(late).not.toHaveProperty("requeueAt");
  });

  it("is unexplained where it has not started in time and its status has no message", () => {
    const pod = waiting("probe-a");
    const unexplainedAt = (time: number) => progress([pod], { now: later(time) }).unexplained;
    expect([unexplainedAt(START_TIMEOUT - 1), unexplainedAt(START_TIMEOUT)]).toEqual([[], [pod]]);
    const explained = inState("probe-a", {
      waiting: { reason: "ImagePullBackOff", message: "no such image" },
    });
    expect(progress([explained], { now: later(START_TIMEOUT) }).unexplained).toEqual([]);
  });

  it("has its own time, where it was created late", () => {
    const pod = waiting("probe-a", { creationTimestamp: later(100_000).toISOString() });
    const { status, requeueAt } = progress([pod, finished("probe-b")], { now: later(START_TIMEOUT) });
    expect(status.pods[0]?.phase).toBe("Pending");
    expect(requeueAt).toEqual(later(100_000 + START_TIMEOUT));
  });

  it("is looked at again at the earliest of the times", () => {
    expect(progress([waiting("probe-a"), running("probe-b")]).requeueAt).toEqual(later(START_TIMEOUT));
  });

  it("is no longer reported as rejected", () => {
    const of = plannedRun(
      { "probe-a": 1 },
      {
        pods: [{ name: "probe-a", phase: "Pending", message: "exceeded quota" }],
      },
    );
    expect(progress([waiting("probe-a")], { of }).status.pods).toEqual([
      { name: "probe-a", phase: "Pending" },
    ]);
  });
});

describe("a probe pod that has ended", () => {
  it("is recorded with its results, its node and its times, while others go on", () => {
    const { status, missing } = progress([finished("probe-a"), running("probe-b")]);
    expect(status).toEqual({
      phase: "Running",
      pods: [
        {
          name: "probe-a",
          phase: "Finished",
          uid: "uid-probe-a",
          node: "node-1",
          roundsStartedAt: BEGAN,
          finishedAt: "2026-11-21T12:00:09Z",
        },
        { name: "probe-b", phase: "Pending" },
      ],
      results: [
        { path: 0, samples: "CCC" },
        { path: 1, samples: "CCC" },
      ],
    });
    expect(missing).toEqual([]);
  });

  it("is recorded with the contacts of its node", () => {
    const contact = { address: "192.0.2.11", first: Date.parse(BEGAN), last: later(9_000).getTime() };
    const results = [0, 1].map((path) => ({ path, samples: "....." }));
    const message = encodeReport({ startedAt: 0, complete: true, contact, results });
    const { status } = progress([finished("probe-a", message), running("probe-b")]);
    expect(status.pods[0]?.contact).toEqual({
      address: "192.0.2.11",
      first: BEGAN,
      last: later(9_000).toISOString(),
    });
  });

  it("is recorded with the current time where the kubelet reported none", () => {
    const pod = inState("probe-a", { terminated: { exitCode: 0, message: reportOf(run, "probe-a") } });
    expect(progress([pod]).status.pods[0]?.finishedAt).toBe(later(1_000).toISOString());
  });

  it("has no results where it did not run", () => {
    const evicted = inState(
      "probe-a",
      {},
      { status: { phase: "Failed", reason: "Evicted", message: "low on memory" } },
    );
    expect(progress([evicted, running("probe-b")]).status).toEqual({
      phase: "Running",
      pods: [
        {
          name: "probe-a",
          phase: "NotRun",
          uid: "uid-probe-a",
          node: "node-1",
          message: "Evicted: low on memory",
        },
        { name: "probe-b", phase: "Pending" },
      ],
      results: [],
    });
  });

  it("may report its own checks alone", () => {
    const { status } = progress([finished("probe-b", reportOf(run, "probe-a")), running("probe-a")]);
    expect(status.pods[1]).toMatchObject({
      phase: "NotRun",
      message: "the probe's report cannot be used: path 0 was not planned",
    });
    expect(status.results).toEqual([]);
  });

  it("is not asked again: what it reported once stays, although the pod is gone or reports otherwise", () => {
    const first = progress([finished("probe-a"), running("probe-b")]).status;
    const results = [0, 1].map((path) => ({ path, samples: "....." }));
    const message = encodeReport({ startedAt: 0, complete: true, results });
    const of = plannedRun({ "probe-a": 2, "probe-b": 1 }, first);
    for (const pods of [[running("probe-b")], [finished("probe-a", message), running("probe-b")]]) {
      const { status, missing } = progress(pods, { of, now: later(60_000) });
      expect(status).toEqual(first);
      expect(missing).toEqual([]);
    }
  });
});

describe("a run", () => {
  it("ends with its last pod, at that time, and stays so", () => {
    const { status } = progress([finished("probe-a"), finished("probe-b")], { now: later(9_500) });
    expect(status).toMatchObject({ phase: "Finished", finishedAt: later(9_500).toISOString() });
    expect(status.results.map(({ path }) => path)).toEqual([0, 1, 2]);
    const of = plannedRun({ "probe-a": 2, "probe-b": 1 }, status);
    expect(progress([], { of, now: later(99_000) })).toEqual({ status, ...NOTHING_TO_DO });
  });

  it("that has no probe pods ends at once", () => {
    expect(progress([], { of: plannedRun({}) })).toEqual({
      status: { phase: "Finished", finishedAt: later(1_000).toISOString(), pods: [], results: [] },
      ...NOTHING_TO_DO,
    });
  });
});
