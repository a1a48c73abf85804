import { describe, expect, it } from "vitest";
import { pod } from "../testing/objects.ts";
import { podStatusColumn } from "./podStatusColumn.ts";

const waiting = (reason = "") => ({ waiting: { reason } });
const ended = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, ...more } });
const running = { running: { startedAt: "2026-11-21T12:00:00Z" } };
const ready = { type: "Ready", status: "True" };

interface Sketch {
  readonly phase?: string;
  readonly reason?: string;
  readonly conditions?: { type: string; status: string; reason?: string }[];
  /** The state of each init container. */
  readonly init?: readonly object[];
  /** Its init containers are sidecars. */
  readonly sidecars?: boolean;
  readonly containers?: readonly object[];
  readonly deleted?: boolean;
}

function statusOf({
  init = [],
  containers = [],
  sidecars = false,
  deleted = false,
  ...sketch
}: Sketch): string {
  const named = (states: readonly object[]) =>
    states.map(({ ...fields }, index) => ({
      name: `c${index}`,
      ...("state" in fields ? fields : { state: fields }),
    }));
  return podStatusColumn(
    pod("ui", {
      metadata: { name: "ui", ...(deleted && { deletionTimestamp: "2026-11-21T12:00:00Z" }) },
      spec: {
        initContainers: init.map((_, index) => ({
          name: `c${index}`,
          ...(sidecars && { restartPolicy: "Always" }),
        })),
      },
      status: {
        phase: "Pending",
        ...sketch,
        initContainerStatuses: named(init),
        containerStatuses: named(containers),
      },
    }),
  );
}

describe("the STATUS of a pod", () => {
  it.each<[string, Sketch]>([
    ["Pending", {}],
    [
      "SchedulingGated",
      { conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] },
    ],
    ["Evicted", { phase: "Failed", reason: "Evicted" }],
    ["ContainerCreating", { containers: [waiting("ContainerCreating")] }],
    ["ImagePullBackOff", { containers: [waiting("ImagePullBackOff")] }],
    ["CrashLoopBackOff", { phase: "Running", containers: [running, waiting("CrashLoopBackOff")] }],
    ["Running", { phase: "Running", containers: [running] }],
    ["Completed", { phase: "Succeeded", containers: [ended(0, { reason: "Completed" })] }],
    ["OOMKilled", { phase: "Failed", containers: [ended(137, { reason: "OOMKilled" })] }],
    ["ExitCode:3", { phase: "Failed", containers: [ended(3)] }],
    ["Signal:9", { phase: "Failed", containers: [ended(137, { signal: 9 })] }],
    ["Init:0/2", { init: [running, waiting("PodInitializing")], containers: [waiting("PodInitializing")] }],
    ["Init:1/2", { init: [ended(0), waiting()], containers: [waiting("PodInitializing")] }],
    ["Init:ErrImagePull", { init: [waiting("ErrImagePull")], containers: [waiting("PodInitializing")] }],
    ["Init:Error", { init: [ended(1, { reason: "Error" })] }],
    ["Init:ExitCode:2", { init: [ended(2)] }],
    ["Init:Signal:9", { init: [ended(137, { signal: 9 })] }],
    ["Init:0/1", { init: [{ state: running, started: false }], sidecars: true }],
    [
      "PodInitializing",
      { init: [{ state: running, started: true }], sidecars: true, containers: [waiting("PodInitializing")] },
    ],
    ["PodInitializing", { init: [ended(0)], containers: [waiting("PodInitializing")] }],
    [
      "CrashLoopBackOff",
      {
        init: [running],
        conditions: [{ type: "Initialized", status: "True" }],
        containers: [waiting("CrashLoopBackOff")],
      },
    ],
    [
      "Running",
      {
        phase: "Running",
        conditions: [ready],
        containers: [ended(0, { reason: "Completed" }), { state: running, ready: true }],
      },
    ],
    [
      "NotReady",
      { phase: "Running", containers: [ended(0, { reason: "Completed" }), { state: running, ready: true }] },
    ],
    [
      "Error",
      {
        phase: "Failed",
        containers: [ended(0, { reason: "Completed" }), ended(1, { reason: "Error" })],
      },
    ],
    ["Terminating", { phase: "Running", containers: [running], deleted: true }],
    ["Completed", { phase: "Succeeded", containers: [ended(0, { reason: "Completed" })], deleted: true }],
    ["Unknown", { phase: "Running", reason: "NodeLost", deleted: true }],
  ])("is %s as kubectl prints it: %j", (printed, sketch) => {
    expect(statusOf(sketch)).toBe(printed);
  });
});
