import * as fc from "fast-check";
import { expect, it } from "vitest";
import { probingSchema } from "../../crds/connectivitytest.ts";
import { settle } from "../../probes/settle.ts";
import { later } from "../testing/objects.ts";
import { liveSource, runOf, targetAlive, witnessesOf } from "../testing/probeRuns.ts";
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

/** Milliseconds of real time. */
const world = fc.record({
  near: clock,
  far: clock,
  third: clock,
  witness: start,
  catalog: start,
  /** From when and until when the target is dead: for good, from the beginning, or as long as it takes to restart. */
  dead: fc.oneof(
    moment.map((from) => ({ from, to: Infinity })),
    moment.map((to) => ({ from: -Infinity, to })),
    fc
      .record({ from: moment, lasts: fc.integer({ min: 1_000, max: 9_000 }) })
      .map(({ from, lasts }) => ({ from, to: from + lasts })),
  ),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const isDead = ({ dead }: World, time: number) => time >= dead.from && time < dead.to;
const rounds = (count: number, at: (time: number) => string, from = 0) =>
  Array.from({ length: count }, (_, round) => at(from + round * INTERVAL)).join("");

/** What a probe sees of a path that is closed whatever its target does, or that is open as long as its target lives. */
function probed(at: (time: number) => string): string {
  const all = rounds(PROBING.maxRounds, at);
  const until = Array.from(all).findIndex((_, last) => {
    const samples = all.slice(0, last + 1);
    return (
      settle({ ...PROBING, samples, sourceEvidence: { observed: { from: 0, to: last } } }).state === "Settled"
    );
  });
  return until < 0 ? all : all.slice(0, until + 1);
}

function verdictIn(drawn: World, isClosed: boolean) {
  const alive = (time: number) => (isDead(drawn, time) ? "." : "C");
  const samples = probed(isClosed ? () => "." : alive);
  const on = (node: "near" | "far" | "third", startedAt: number) => ({
    node,
    clock: drawn[node].known,
    roundsStartedAt: later(startedAt + drawn[node].offset).toISOString(),
  });
  const run = runOf({
    paths: [
      { samples },
      { ...liveSource, samples: "A".repeat(samples.length) },
      { ...targetAlive, samples: rounds(3, alive, drawn.catalog) },
    ],
    pods: { "probe-orders": on("near", 0), "probe-catalog": on("third", drawn.catalog) },
  });
  const witnesses = witnessesOf({
    paths: [{ samples: rounds(8, alive, drawn.witness) }],
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

it("for all offsets of the clocks within what was measured, no dead target passes as denied", () => {
  let denied = 0;
  fc.assert(
    fc.property(world, (drawn) => {
      const { verdict, reason } = verdictIn(drawn, false);
      denied += verdict === "Inconclusive" ? 1 : 0;
      expect({ verdict, reason }).not.toMatchObject({ verdict: "Passed" });
    }),
    { numRuns: 3_000, examples: [[dying]] },
  );
  expect(denied).toBeGreaterThan(100);
});

it("and clocks that were measured to less than a round keep no denial of a living target from passing", () => {
  fc.assert(
    fc.property(world, fc.nat({ max: 450 }), (drawn, precision) => {
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
