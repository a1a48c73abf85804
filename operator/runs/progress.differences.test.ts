import { describe, expect, it } from "vitest";
import type { ProbePod } from "../cluster/probePod.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { progressOf } from "./progress.ts";

const run = plannedRun({ "probe-a": 1 });
const labels = { zone: "sandbox" };
const differences = [{ field: "label", key: "zone", actual: "sandbox" }];

const progress = (pod: ProbePod, of = run) =>
  progressOf({
    run: of,
    pods: new Map([[pod.metadata.name, pod]]),
    startTimeout: 60_000,
    now: later(1_000),
  });

const inState = (state: object, metadata: object = {}) =>
  probePod("probe-a", run, { metadata, status: { containerStatuses: [{ name: "probe", state }] } });

describe("a probe pod that admission has changed", () => {
  it("is recorded as such as soon as it exists", () => {
    const { status } = progress(inState({ waiting: { reason: "ContainerCreating" } }, { labels }));
    expect(status.pods).toEqual([{ name: "probe-a", phase: "Pending", differences }]);
  });

  it("stays recorded when it has the planned labels again", () => {
    const { status } = progress(inState({ running: {} }, { labels }));
    const message = reportOf(run, "probe-a");
    const ended = inState({ terminated: { exitCode: 0, reason: "Completed", message } });
    expect(progress(ended, { ...run, status }).status.pods).toMatchObject([
      { phase: "Finished", differences },
    ]);
  });
});
