import { describe, expect, it } from "vitest";
import { ENDED_AT } from "../../crds/group.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { BEGAN, later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { progressOf } from "./progress.ts";

const planned = plannedRun({ "witness-a": 2, "witness-b": 1 });
const pods = planned.spec.pods.map((pod) => ({ ...pod, twin: undefined, witness: { node: "node-1" } }));
const run = { ...planned, spec: { ...planned.spec, pods } };
const PROBES_ENDED = later(10_000);

interface Circumstances {
  readonly of?: typeof run;
  readonly neededUntil?: Date | undefined;
}

/** The progress of the witnesses so many milliseconds after they were created. */
function progressAt(time: number, known: readonly ProbePod[], { of = run, ...more }: Circumstances = {}) {
  const byName = new Map(known.map((pod) => [pod.metadata.name, pod]));
  return progressOf({
    run: of,
    pods: byName,
    startTimeout: 120_000,
    neededUntil: PROBES_ENDED,
    now: later(time),
    ...more,
  });
}

const stateAt = (time: number, known: readonly ProbePod[]) =>
  progressAt(time, known).status.pods.map(({ phase, message }) => [phase, message]);

/** The pod of the first witness. */
const witness = (state: object, annotations: object = {}, status: object = {}) =>
  probePod("witness-a", run, {
    metadata: { annotations },
    spec: { nodeName: "node-1", hostNetwork: true },
    status: { containerStatuses: [{ name: "probe", state }], ...status },
  });
const running = witness({ running: {} });
const endedAt = (time: number) => witness({ running: {} }, { [ENDED_AT]: later(time).toISOString() });
const PENDING = ["Pending", undefined];

describe("a witness that has not started", () => {
  const waiting = witness({ waiting: { reason: "ImagePullBackOff" } });

  it("is waited for until the probes have ended, and no longer", () => {
    expect(progressAt(1_000, [waiting]).requeueAt).toEqual(PROBES_ENDED);
    expect(stateAt(9_999, [waiting])).toEqual([PENDING, PENDING]);
    expect(stateAt(10_000, [waiting])).toEqual([
      ["NotRun", "it had not started when the probes had ended: ImagePullBackOff"],
      ["NotRun", "it had not started when the probes had ended"],
    ]);
  });

  it("is not to be ended: it has nothing to report", () => {
    expect(progressAt(10_000, [waiting]).unneeded).toEqual([]);
  });
});

describe("a witness that runs", () => {
  it.each([
    ["is not ended while the probes run", 9_999, []],
    ["is to be ended when the probes have ended", 10_000, [running]],
    ["is to be ended by an operator that comes back an hour later", 3_600_000, [running]],
  ])("%s", (_, time, unneeded) => {
    expect(progressAt(time, [running]).unneeded).toEqual(unneeded);
    expect(stateAt(time, [running])[0]).toEqual(PENDING);
  });

  it("has no deadline as long as the probes have not ended: each of them has one", () => {
    const { status, unneeded } = progressAt(3_600_000, [running], { neededUntil: undefined });
    expect([status.pods[0]?.phase, unneeded]).toEqual(["Pending", []]);
  });

  it("is not ended in a run that is being deleted: it goes with the run", () => {
    const deletionTimestamp = later(11_000).toISOString();
    const of = { ...run, metadata: { ...run.metadata, deletionTimestamp } };
    expect(progressAt(12_000, [running], { of }).unneeded).toEqual([]);
  });
});

describe("a witness that the operator has ended", () => {
  it.each([
    ["when the probes ended", 10_000],
    ["an hour later, because it was down", 3_600_000],
  ])("%s is not ended again, and has 30 seconds to report", (_, time) => {
    const ended = [endedAt(time)];
    expect(progressAt(time, ended)).toMatchObject({ unneeded: [], requeueAt: later(time + 30_000) });
    expect(stateAt(time + 29_999, ended)[0]).toEqual(PENDING);
    expect(stateAt(time + 30_000, ended)[0]).toEqual([
      "NotRun",
      "not ended 30s after the probes. Check that the node node-1 is up",
    ]);
  });

  it("is ended again if the recorded time is not one", () => {
    const odd = witness({ running: {} }, { [ENDED_AT]: "soon" });
    expect(progressAt(10_000, [odd]).unneeded).toEqual([odd]);
  });

  it("has not run if it was killed before it had written a report: its state is the explanation, no event is looked up", () => {
    const terminated = { exitCode: 137, reason: "Error", finishedAt: "2026-11-21T12:00:30Z" };
    const deadline = { phase: "Failed", reason: "DeadlineExceeded", message: "was active longer" };
    const { status, unexplained } = progressAt(30_000, [
      witness({ terminated }, { [ENDED_AT]: BEGAN }, deadline),
    ]);
    expect(status.pods[0]).toMatchObject({
      phase: "NotRun",
      message: "it was ended before it had written a report (exit code 137)",
    });
    expect(status.pods[0]).not.toHaveProperty("refused");
    expect(unexplained).toEqual([]);
  });

  it("has reported its results, whenever the operator reads them", () => {
    const message = reportOf(run, "witness-a");
    const terminated = { exitCode: 0, reason: "Completed", message, finishedAt: "2026-11-21T12:00:09Z" };
    const deadline = { phase: "Failed", reason: "DeadlineExceeded", message: "was active longer" };
    const { status } = progressAt(3_600_000, [witness({ terminated }, { [ENDED_AT]: BEGAN }, deadline)]);
    expect(status.pods[0]?.phase).toBe("Finished");
    expect(status.results.map(({ path }) => path)).toEqual([0, 1]);
  });
});
