import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { probeRunStatusSchema, type ProbeRun, type ProbeRunStatus } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { later, probePod } from "../testing/objects.ts";
import { plannedRun, reportOf } from "../testing/plannedRun.ts";
import { progressOf, type Progress } from "./progress.ts";

const checks = { "probe-a": 2, "probe-b": 1, "probe-c": 3 };
const names = Object.keys(checks);
const planned = plannedRun(checks);

const terminated = (exitCode: number, message: string) => ({
  terminated: { exitCode, reason: "Error", message },
});
const text = fc.string({ unit: "binary", maxLength: 600 });

/** All that may become of a probe pod; undefined: it is not there. */
const status = (name: string) =>
  fc.oneof(
    fc.constant(undefined),
    fc.constant({}),
    fc.constant({ state: { running: {} } }),
    fc
      .record({ reason: fc.constantFrom("ImagePullBackOff", "InvalidImageName", ""), message: text })
      .map((waiting) => ({ state: { waiting } })),
    fc.constant({ state: terminated(0, reportOf(planned, name)) }),
    text.map((message) => ({ state: terminated(0, message) })),
    fc.constant({ state: terminated(137, "") }),
    text.map((message) => ({ phase: "Failed", reason: "Evicted", message })),
  );

const podOf = (name: string) =>
  fc.record({ raw: status(name), created: fc.nat(300_000) }).map(({ raw, created }): ProbePod[] => {
    if (raw === undefined) return [];
    const { state, ...rest } = { state: undefined, ...raw };
    const containerStatuses = state === undefined ? [] : [{ name: "probe", state }];
    return [
      probePod(name, planned, {
        metadata: { creationTimestamp: later(created).toISOString() },
        spec: { nodeName: "node-1" },
        status: { containerStatuses, ...rest },
      }),
    ];
  });

/** The cluster as it is at one time. */
const moment = fc
  .record({ pods: fc.tuple(...names.map(podOf)), now: fc.nat(400_000).map(later) })
  .map(({ pods, now }) => ({ pods: new Map(pods.flat().map((pod) => [pod.metadata.name, pod])), now }));

type Moment = typeof moment extends fc.Arbitrary<infer Value> ? Value : never;

const inOrder = fc
  .array(moment, { minLength: 1, maxLength: 5 })
  .map((moments) => moments.toSorted((one, other) => one.now.getTime() - other.now.getTime()));

const advance = (run: ProbeRun, { pods, now }: Moment): Progress =>
  progressOf({ run, pods, startTimeout: 120_000, now });

/** The run with a status as the API server gives it back. */
const recorded = (progress: ProbeRunStatus) => plannedRun(checks, probeRunStatusSchema.parse(progress));

/** The run after each of the moments. */
function history(moments: readonly Moment[]): ProbeRun[] {
  return moments.reduce<ProbeRun[]>(
    (runs, seen) => [...runs, recorded(advance(runs.at(-1) ?? planned, seen).status)],
    [],
  );
}

describe("progress", () => {
  it("on its own outcome changes nothing: the same run and pods give the same status and the same missing pods", () => {
    fc.assert(
      fc.property(inOrder, moment, (moments, seen) => {
        const run = history(moments).at(-1) ?? planned;
        const once = advance(run, seen);
        const twice = advance(recorded(once.status), seen);
        expect(twice.status).toStrictEqual(once.status);
        expect(twice.missing.map(({ name }) => name)).toEqual(once.missing.map(({ name }) => name));
      }),
    );
  });

  it("never takes back what is recorded: an ended pod, a result, the end of the run", () => {
    fc.assert(
      fc.property(inOrder, (moments) => {
        const runs = [planned, ...history(moments)];
        for (const [index, { status: before }] of runs.slice(0, -1).entries()) {
          const after = runs[index + 1]?.status;
          const ended = before.pods.filter(({ phase }) => phase !== "Pending");
          expect(after?.pods).toEqual(expect.arrayContaining(ended));
          expect(after?.results).toEqual(expect.arrayContaining(before.results));
          expect(after).toMatchObject(
            before.finishedAt === undefined ? {} : { finishedAt: before.finishedAt },
          );
        }
      }),
    );
  });

  it("has results of finished pods alone, one for each of their paths", () => {
    fc.assert(
      fc.property(inOrder, (moments) => {
        const { status: last, spec } = history(moments).at(-1) ?? planned;
        const finished = new Set(
          last.pods.filter(({ phase }) => phase === "Finished").map(({ name }) => name),
        );
        const reported = spec.paths.filter(({ pod }) => finished.has(pod)).map(({ id }) => id);
        expect(last.results.map(({ path }) => path)).toEqual(reported);
      }),
    );
  });

  it("is never stuck: a run that has not ended has a pod to create or a time of its next reconcile, and it ends in the end", () => {
    fc.assert(
      fc.property(inOrder, moment, (moments, seen) => {
        const run = history(moments).at(-1) ?? planned;
        const { status: now, requeueAt } = advance(run, seen);
        expect(now.phase === "Finished").toBe(requeueAt === undefined);
        expect(requeueAt === undefined || requeueAt > seen.now).toBe(true);
        expect(advance(run, { ...seen, now: later(1_000_000) }).status.phase).toBe("Finished");
      }),
    );
  });

  it("says why a pod did not run", () => {
    fc.assert(
      fc.property(inOrder, (moments) => {
        const { pods } = (history(moments).at(-1) ?? planned).status;
        for (const { phase, message = "" } of pods) expect(message !== "").toBe(phase === "NotRun");
      }),
    );
  });
});
