import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../probes/report.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { later, probePod, probeRun } from "../testing/objects.ts";
import { createClockWatch } from "./clockWatch.ts";

const run = probeRun();
/** As a kubelet writes it: whole seconds, rounded down. */
const stamp = (milliseconds: number) =>
  new Date(Math.floor(later(milliseconds).getTime() / 1_000) * 1_000).toISOString();
const at = (milliseconds: number) => later(milliseconds).getTime();

/** What a pod says at some moments of its life, by its node's clock. */
interface Said {
  readonly acknowledged?: number;
  readonly running?: number;
  readonly ended?: number;
  readonly runtimeClassName?: string;
}

function podSaying({ acknowledged, running, ended, runtimeClassName }: Said): ProbePod {
  const state = {
    ...(running !== undefined && ended === undefined && { running: { startedAt: stamp(running) } }),
    ...(ended !== undefined && {
      terminated: { exitCode: 0, startedAt: stamp(running ?? ended), finishedAt: stamp(ended) },
    }),
  };
  return probePod("a", run, {
    spec: { ...(runtimeClassName !== undefined && { runtimeClassName }) },
    status: {
      ...(acknowledged !== undefined && { startTime: stamp(acknowledged) }),
      containerStatuses: [{ name: "probe", state }],
    },
  });
}

const report = (startedAt: number, writtenAt?: number): Report => ({
  startedAt: at(startedAt),
  ...(writtenAt !== undefined && { writtenAt: at(writtenAt) }),
  complete: true,
  results: [],
});

/** A watch of an operator whose clock shows what the test says. */
function watchFrom() {
  let now = at(0);
  const watch = createClockWatch({ observer: "operator", now: () => now });
  const create = (time: number) => watch.created("uid-a", at(time));
  const see = (time: number, said: Said) => {
    now = at(time);
    watch.see([podSaying(said)]);
  };
  const end = (time: number, said: Said, reported: Report) => {
    now = at(time);
    return watch.clockOf(podSaying(said), reported);
  };
  return { watch, create, see, end };
}

describe("the offset of a node's clock", () => {
  it("lies between what the first and the last time of a pod show", () => {
    const { create, end } = watchFrom();
    create(100);
    const clock = end(9_500, { acknowledged: 300, running: 2_500, ended: 8_900 }, report(2_800, 8_800));
    // Acknowledged before 1.000, 0.9 s after the request at the latest; written at 8.800, 0.7 s before it was seen.
    expect(clock).toEqual({ observer: "operator", minOffset: -700, maxOffset: 900 });
  });

  it("is known more closely by what was seen early", () => {
    const { create, see, end } = watchFrom();
    create(100);
    see(1_150, { acknowledged: 1_050 });
    see(3_300, { acknowledged: 1_050, running: 3_020 });
    see(4_900, { acknowledged: 1_050, running: 3_020 });
    const clock = end(9_500, { acknowledged: 1_050, running: 3_020, ended: 8_100 }, report(3_300, 8_000));
    expect(clock).toEqual({ observer: "operator", minOffset: -150, maxOffset: 1_900 });
  });

  it("uses the runner alone in a sandbox, whose clock may differ from the kubelet's", () => {
    const { create, see, end } = watchFrom();
    const said = { acknowledged: 300, running: 2_500, runtimeClassName: "kata" };
    create(100);
    see(2_600, said);
    const clock = end(9_500, { ...said, ended: 8_900 }, report(2_800, 8_800));
    expect(clock).toEqual({ observer: "operator", minOffset: -700, maxOffset: 2_701 });
  });

  it("is known less closely by a runner that does not report when it ended", () => {
    const { create, end } = watchFrom();
    create(0);
    const clock = end(9_500, { runtimeClassName: "kata" }, report(2_800));
    expect(clock).toEqual({ observer: "operator", minOffset: -6_700, maxOffset: 2_801 });
  });

  it("is not known of a pod that another process has created, or once it was forgotten", () => {
    const { watch, create, end } = watchFrom();
    const ended = [9_500, { acknowledged: 300, ended: 8_900 }, report(2_800, 8_800)] as const;
    expect(end(...ended)).toBeUndefined();
    create(100);
    expect(end(...ended)).toBeDefined();
    expect(end(...ended)).toBeDefined();
    watch.forget(["uid-a"]);
    expect(end(...ended)).toBeUndefined();
  });

  it("is not known where the clock was set while the pod ran", () => {
    const { create, end } = watchFrom();
    create(100);
    expect(end(9_500, { acknowledged: 300, ended: 18_900 }, report(12_800, 18_800))).toBeUndefined();
  });

  it("uses the first request of a pod, and is forgotten of pods that never ended", () => {
    const { watch, create, end } = watchFrom();
    create(100);
    create(5_000);
    const ended = [9_500, { acknowledged: 300, ended: 8_900 }, report(2_800, 8_800)] as const;
    expect(end(...ended)?.maxOffset).toBe(900);
    watch.created("uid-b", at(3_700_000));
    expect(end(...ended)).toBeUndefined();
  });

  it("always lies between the bounds, however long anything takes", () => {
    const delay = fc.nat({ max: 5_000 });
    const offset = fc.integer({ min: -100_000, max: 100_000 });
    const moments = fc
      .record({
        sent: delay,
        acknowledged: delay,
        seen: delay,
        running: delay,
        first: delay,
        written: delay,
        over: delay,
        last: delay,
      })
      .map(({ sent, ...gaps }) => {
        const acknowledged = sent + gaps.acknowledged;
        const running = acknowledged + gaps.running;
        const written = running + gaps.first + gaps.written;
        const over = written + gaps.over;
        const seen = acknowledged + gaps.seen;
        const last = Math.max(seen, over + gaps.last);
        return { sent, acknowledged, seen, running, first: running + gaps.first, written, over, last };
      });
    fc.assert(
      fc.property(offset, moments, (ahead, moment) => {
        const { create, see, end } = watchFrom();
        const said = { acknowledged: moment.acknowledged + ahead };
        create(moment.sent);
        see(moment.seen, said);
        const ended = { ...said, running: moment.running + ahead, ended: moment.over + ahead };
        const reported = report(moment.first + ahead, moment.written + ahead);
        const clock = end(moment.last, ended, reported);
        expect(clock?.minOffset).toBeLessThanOrEqual(ahead);
        expect(clock?.maxOffset).toBeGreaterThanOrEqual(ahead);
      }),
    );
  });
});
