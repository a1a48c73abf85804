import * as fc from "fast-check";
import { expect, it } from "vitest";
import { probingSchema } from "../../crds/connectivitytest.ts";
import type { PodStatus } from "../../crds/proberun/proberun.ts";
import { settle } from "../../probes/settle.ts";
import { later } from "../testing/objects.ts";
import { liveSource, runOf, targetAlive, witnessesOf } from "../testing/probeRuns.ts";
import type { RunRecord } from "./evidence.ts";
import { judge } from "./judge.ts";

const PROBING = probingSchema.parse({});
const INTERVAL = 1_000;

/** A clock that is ahead by `offset`, which the operator knows only to be within these bounds. */
const clock = fc
  .record({
    offset: fc.integer({ min: -8_000, max: 8_000 }),
    below: fc.oneof(fc.nat({ max: 800 }), fc.nat({ max: 6_000 })),
    above: fc.oneof(fc.nat({ max: 800 }), fc.nat({ max: 6_000 })),
  })
  .map(({ offset, below, above }) => ({
    offset,
    known: { observer: "operator", minOffset: offset - below, maxOffset: offset + above },
  }));
const start = fc.integer({ min: -6_000, max: 9_000 });
const moment = fc.integer({ min: -3_000, max: 16_000 });

/** From when and until when the target is dead. */
interface Death {
  readonly from: number;
  readonly to: number;
}

const DEATHS: Readonly<Record<string, fc.Arbitrary<Death>>> = {
  "for good": moment.map((from) => ({ from, to: Infinity })),
  "from the beginning": moment.map((to) => ({ from: -Infinity, to })),
  "as long as a restart takes": fc
    .record({ from: moment, lasts: fc.integer({ min: 1_000, max: 9_000 }) })
    .map(({ from, lasts }) => ({ from, to: from + lasts })),
};

/** Milliseconds of real time. */
const worldWith = (dead: fc.Arbitrary<Death>) =>
  fc.record({ near: clock, far: clock, third: clock, witness: start, catalog: start, dead });
type World = ReturnType<typeof worldWith> extends fc.Arbitrary<infer Value> ? Value : never;

const isDead = ({ dead }: World, time: number) => time >= dead.from && time < dead.to;
const rounds = (count: number, at: (time: number) => string, from = 0) =>
  Array.from({ length: count }, (_, round) => at(from + round * INTERVAL)).join("");

/** The rounds of a path until it has settled, by those that it has if it never does. There are few different ones. */
const settled = new Map<string, string>();

/** What a probe sees of a path that is closed whatever its target does, or that is open as long as its target lives. */
function probed(at: (time: number) => string): string {
  const all = rounds(PROBING.maxRounds, at);
  const samples = settled.get(all) ?? untilSettled(all);
  settled.set(all, samples);
  return samples;
}

function untilSettled(all: string): string {
  const until = Array.from(all).findIndex((_, last) => {
    const samples = all.slice(0, last + 1);
    return (
      settle({ ...PROBING, samples, sourceEvidence: { observed: { from: 0, to: last } } }).state === "Settled"
    );
  });
  return until < 0 ? all : all.slice(0, until + 1);
}

const RUN = runOf({
  expectations: [{ name: "orders-mysql", expect: "Denied" }],
  paths: [{ samples: "." }, liveSource, targetAlive],
});
const WITNESSES = witnessesOf({ paths: [{}] });

/** The run with other reports of its probe pods. Parsing a plan for each of thousands of runs would take most of the time. */
function reported(
  { spec, status }: RunRecord,
  { pods, samples }: { pods: Readonly<Record<string, Partial<PodStatus>>>; samples: readonly string[] },
): RunRecord {
  return {
    spec,
    status: {
      ...status,
      pods: status.pods.map((pod) => ({ ...pod, ...pods[pod.name] })),
      results: status.results.map((result) => ({ ...result, samples: samples[result.path] ?? "" })),
    },
  };
}

function verdictIn(drawn: World, isClosed: boolean) {
  const alive = (time: number) => (isDead(drawn, time) ? "." : "C");
  const samples = probed(isClosed ? () => "." : alive);
  const on = (node: "near" | "far" | "third", startedAt: number) => ({
    node,
    clock: drawn[node].known,
    roundsStartedAt: later(startedAt + drawn[node].offset).toISOString(),
  });
  const run = reported(RUN, {
    samples: [samples, "A".repeat(samples.length), rounds(3, alive, drawn.catalog)],
    pods: { "probe-orders": on("near", 0), "probe-catalog": on("third", drawn.catalog) },
  });
  const witnesses = reported(WITNESSES, {
    samples: [rounds(8, alive, drawn.witness)],
    pods: { "witness-far": on("far", drawn.witness) },
  });
  const [judged] = judge(run, witnesses);
  return { verdict: judged?.verdict, reason: judged?.reason };
}

const dying: World = {
  near: { offset: 0, known: { observer: "operator", minOffset: -200, maxOffset: 200 } },
  far: { offset: 3_000, known: { observer: "operator", minOffset: 0, maxOffset: 3_200 } },
  third: { offset: 0, known: { observer: "operator", minOffset: -200, maxOffset: 200 } },
  witness: 0,
  catalog: 0,
  dead: { from: 1_500, to: Infinity },
};

it.each(Object.entries(DEATHS))(
  "for all offsets of the clocks within what was measured, no target that is dead %s passes as denied",
  (_, dead) => {
    let denied = 0;
    fc.assert(
      fc.property(worldWith(dead), (drawn) => {
        const { verdict, reason } = verdictIn(drawn, false);
        denied += verdict === "Inconclusive" ? 1 : 0;
        expect({ verdict, reason }).not.toMatchObject({ verdict: "Passed" });
      }),
      { numRuns: 1_000, examples: [[dying]] },
    );
    expect(denied).toBeGreaterThan(33);
  },
);

it("and clocks that were measured to less than a round keep no denial of a living target from passing", () => {
  fc.assert(
    fc.property(worldWith(fc.oneof(...Object.values(DEATHS))), fc.nat({ max: 450 }), (drawn, precision) => {
      const measured = ({ offset }: World["near"]) => ({
        offset,
        known: { observer: "operator", minOffset: offset - precision, maxOffset: offset + precision },
      });
      const precise: World = {
        ...drawn,
        near: measured(drawn.near),
        far: measured(drawn.far),
        third: measured(drawn.third),
        // The witness starts at most three seconds before or after the probe.
        witness: Math.max(-3_000, Math.min(3_000, drawn.witness)),
        dead: { from: Infinity, to: Infinity },
      };
      expect(verdictIn(precise, true)).toEqual({ verdict: "Passed", reason: "AsExpected" });
    }),
    { numRuns: 1_000 },
  );
});
