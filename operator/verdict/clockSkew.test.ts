import { describe, expect, it } from "vitest";
import type { NodeClock } from "../../crds/proberun/proberun.ts";
import { later } from "../testing/objects.ts";
import {
  apart,
  liveSource,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judge } from "./judge.ts";

/** The offset of a clock as the operator has measured it, in milliseconds. */
const clock = (minOffset: number, maxOffset: number, observer = "operator"): NodeClock => ({
  observer,
  minOffset,
  maxOffset,
});
const alive: PathSketch = { ...liveSource, samples: "AAAAAAA" };

/** A witness on `far` whose rounds began `startedAt` by its node's clock, of which that is known. */
const witness = (samples: string, startedAt: number, known: NodeClock | undefined) =>
  witnessesOf({
    paths: [{ samples }],
    pods: { "witness-far": { node: "far", roundsStartedAt: later(startedAt).toISOString(), clock: known } },
  });

function judged(samples: string, witnesses: ReturnType<typeof witness>, pods: RunSketch["pods"] = {}) {
  const run = runOf({ pods: { ...apart, ...pods }, paths: [{ samples }, alive] });
  const [first] = judge(run, witnesses);
  return { verdict: first?.verdict, reason: first?.reason, message: first?.message };
}

describe("a target that dies during the run, and that no policy protects", () => {
  // It answers until 1.5 s: the probe sees it go, and so does the witness.
  const seen = "CC.....";
  const seenByWitness = "CC......";

  it.for([
    ["ahead, by so much as was measured", 3_000, clock(2_900, 3_100), "TargetNotProven"],
    ["ahead, and who knows by how much", 3_000, clock(0, 5_000), "ClockSkew"],
    ["ahead, and nobody has measured it", 3_000, undefined, "ClockSkew"],
    ["ahead, which a former operator has measured", 3_000, clock(0, 0, "former"), "ClockSkew"],
    ["just enough ahead", 1_000, clock(0, 1_000), "ClockSkew"],
    ["right", 0, clock(0, 0), "TargetNotProven"],
  ] as const)("does not pass as denied by a witness whose clock is %s", ([, offset, known, reason]) => {
    const { verdict, ...rest } = judged(seen, witness(seenByWitness, offset, known));
    expect([verdict, rest.reason]).toEqual(["Inconclusive", reason]);
  });

  it("does not pass by a witness that came when it was up again, whose clock is behind", () => {
    const { verdict } = judged(seen, witness("CCCCCCCC", 3_000, clock(-6_000, 0)));
    expect(verdict).toBe("Inconclusive");
  });
});

describe("a denied target that is alive", () => {
  const closed = ".......";

  it.each([
    ["right", 0, clock(0, 0)],
    ["right, and measured to two seconds", 0, clock(-1_900, 1_900)],
    ["a minute ahead, and known to be", 60_000, clock(59_900, 60_100)],
    ["three seconds behind, and known to be so within four", -3_000, clock(-5_000, -1_000)],
  ])("passes by a witness whose clock is %s", (_, offset, known) => {
    expect(judged(closed, witness("CCCCCCCC", offset, known))).toMatchObject({
      verdict: "Passed",
      reason: "AsExpected",
    });
  });

  it("passes by a witness on the probe's own node, independent of what is known of its clock", () => {
    const run = runOf({
      pods: { "probe-orders": { node: "far", clock: undefined } },
      paths: [{ samples: closed }, alive],
    });
    const [first] = judge(run, witness("CCCCCCCC", 0, clock(7_000, 9_000)));
    expect(first?.verdict).toBe("Passed");
  });

  it("does not pass by what another pod on the probe's node shows of the clock: its report may be forged", () => {
    const pods = {
      "probe-orders": { clock: clock(-9_000, 9_000) },
      "probe-catalog": { node: "near", clock: clock(0, 0) },
    };
    const paths = [{ samples: closed }, alive, { ...targetAlive, check: { address: "10.1.0.9" } }];
    const [first] = judge(runOf({ pods, paths }), witness("CCCCCCCC", 0, clock(0, 0)));
    expect(first?.reason).toBe("ClockSkew");
  });

  it("is reported with the two nodes and the bounds of their clocks", () => {
    const { message } = judged(closed, witness("CCCCCCCC", 0, clock(-9_000, 500)));
    expect(message).toContain(
      "but the clock of far is between -9.0 and 0.5 s ahead of that of near, so that the observations of one may be from another time than those of the other. Synchronize both clocks, then run the test again",
    );
    expect(judged(closed, witness("CCCCCCCC", 0, undefined)).message).toContain(
      "but the clock difference between near and far was not measured",
    );
  });

  it("is not proven for another reason where no witness got there by any difference of the clocks", () => {
    expect(judged(closed, witness("........", 0, clock(-9_000, 9_000))).reason).toBe("TargetNotProven");
  });
});

it("a witness that failed says that the target is down only where it surely failed at that time", () => {
  const closed: PathSketch = { expect: "Allowed", samples: "....." };
  const run = runOf({ pods: apart, paths: [closed, alive] });
  expect(judge(run, witness("........", 0, clock(-500, 500)))[0]?.reason).toBe("TargetDown");
  expect(judge(run, witness("........", 0, clock(-9_000, 500)))[0]?.reason).toBe("NotReachable");
});
