import { expect, it } from "vitest";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { progressOf } from "./progress.ts";

const run = plannedRun({ "probe-a": 1 });

/** The addresses that are recorded of a probe pod which has ended. */
function recorded(of: typeof run) {
  const terminated = { exitCode: 0, reason: "Completed", message: reportOf(run, "probe-a") };
  const pod = probePod("probe-a", of, {
    status: {
      podIPs: [{ ip: "10.1.0.9" }, { ip: "fd00::9" }],
      containerStatuses: [{ name: "probe", state: { terminated } }],
    },
  });
  const pods = new Map([["probe-a", pod]]);
  const { status } = progressOf({
    run: of,
    pods,
    startTimeout: 120_000,
    neededUntil: undefined,
    now: later(1_000),
  });
  return status.pods[0]?.addresses;
}

it("the addresses of a twin are recorded, since a path to one of them leads to the probe pod itself", () => {
  expect(recorded(run)).toEqual(["10.1.0.9", "fd00::9"]);
});

it("a pod on the network of a node has no address of its own", () => {
  const pods = run.spec.pods.map((pod) => ({ ...pod, twin: undefined, node: "node-1" }));
  expect(recorded({ ...run, spec: { ...run.spec, pods } })).toBeUndefined();
});
