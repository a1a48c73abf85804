import { describe, expect, it } from "vitest";
import type { Check } from "../../crds/proberun/proberun.ts";
import { encodeReport, ENTERED_EXIT_CODE } from "../../probes/report.ts";
import { BEGAN, probePod, probeRun } from "../testing/objects.ts";
import { probePodState } from "./probePodState.ts";

const checks: Check[] = [
  { path: 0, tool: "tcp", family: "IPv4", address: "10.1.0.1", port: 80, provesSource: false },
];
const startedAt = Date.parse(BEGAN);
const message = encodeReport({ startedAt, complete: true, results: [{ path: 0, samples: "....." }] });

const run = probeRun();
const TAMPERED = "the report may have been tampered with: ";
const PROCESS = `${TAMPERED}a process was started in the container of the probe. Enter no probe pod while it runs`;
const CONTAINER = `${TAMPERED}the ephemeral container debugger was added to the pod. Add none while the probe runs`;

interface Ended {
  readonly exitCode?: number;
  readonly ephemeralContainers?: readonly object[];
  readonly untilEnded?: boolean;
}

function stateOf({ exitCode = 0, ephemeralContainers = [], untilEnded = false }: Ended) {
  const finishedAt = new Date(startedAt + 9_000).toISOString();
  const terminated = { exitCode, reason: "Completed", message, startedAt: BEGAN, finishedAt };
  const containerStatuses = [{ name: "probe", state: { terminated } }];
  const deadline = { phase: "Failed", reason: "DeadlineExceeded" };
  const status = { ...(untilEnded ? deadline : { phase: "Succeeded" }), containerStatuses };
  const pod = probePod("probe-ui", run, { status, spec: { ephemeralContainers } });
  return probePodState(pod, { checks, probing: run.spec.probing, untilEnded });
}

describe.each([false, true])("a pod that was entered, for a witness: %s", (untilEnded) => {
  it.each<readonly [string, Ended, string]>([
    ["by a process in the container of the probe", { exitCode: ENTERED_EXIT_CODE }, PROCESS],
    ["by an ephemeral container", { ephemeralContainers: [{ name: "debugger" }] }, CONTAINER],
  ])("has no result, with any report: %s", (_, ended, words) => {
    expect(stateOf({ ...ended, untilEnded })).toEqual({ state: "NotRun", message: words });
  });

  it("has the result of its report if it was not entered", () => {
    expect(stateOf({ untilEnded })).toMatchObject({ state: "Finished" });
  });
});
