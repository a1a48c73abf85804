import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Opinion, opinionOf, type Result } from "./oracle.ts";
import { leastOfEach, type Point, slopeOf } from "./slope.ts";
import { type State, statesBetween, truthOf } from "./truth.ts";

const OPEN = new Set([true]);
const CLOSED = new Set([false]);
const BOTH = new Set([true, false]);

describe("a verdict is judged by what the connection can have been during the run", () => {
  it.each<[Pick<Result, "expected" | "verdict">, ReadonlySet<boolean>, Opinion]>([
    [{ expected: "Allowed", verdict: "Passed" }, OPEN, "right"],
    [{ expected: "Allowed", verdict: "Passed" }, CLOSED, "wrong"],
    [{ expected: "Allowed", verdict: "Failed" }, OPEN, "wrong"],
    [{ expected: "Allowed", verdict: "Failed" }, CLOSED, "right"],
    [{ expected: "Denied", verdict: "Passed" }, CLOSED, "right"],
    [{ expected: "Denied", verdict: "Passed" }, OPEN, "wrong"],
    [{ expected: "Denied", verdict: "Failed" }, OPEN, "right"],
    [{ expected: "Denied", verdict: "Failed" }, CLOSED, "wrong"],
    [{ expected: "Denied", verdict: "Passed" }, BOTH, "either"],
    [{ expected: "Allowed", verdict: "Failed" }, BOTH, "either"],
    [{ expected: "Denied", verdict: "Inconclusive" }, CLOSED, "none"],
    [{ expected: "Allowed", verdict: "Inconclusive" }, BOTH, "none"],
  ])("%o with %o is %s", (result, states, opinion) => {
    expect(opinionOf({ connection: "a → b", ...result }, states)).toBe(opinion);
  });
});

const states = (...changes: readonly (readonly [boolean, number, number])[]): State[] =>
  changes.map(([isOpen, begun, confirmed]) => ({ isOpen, begun, confirmed }));

describe("the states that a connection can have had", () => {
  const changed = states([true, -Infinity, -Infinity], [false, 10, 15], [true, 30, Infinity]);

  it.each<[number, number, readonly boolean[]]>([
    [0, 9, [true]],
    [0, 10, [true, false]],
    [12, 14, [true, false]],
    [15, 20, [true, false]],
    [16, 29, [false]],
    [16, 30, [false, true]],
    [40, 50, [false, true]],
  ])("between %i and %i are %o", (start, end, expected) => {
    expect(statesBetween(changed, start, end)).toEqual(new Set(expected));
  });

  it("always have the one that it really had, whenever the change took effect", () => {
    const gaps = fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(gaps, fc.nat(300), fc.nat(60), (drawn, start, length) => {
        const truth = truthOf(new Map([["a", false]]));
        const really: { at: number; isOpen: boolean }[] = [{ at: -Infinity, isOpen: false }];
        let now = 0;
        for (const [pause, effect, confirmed] of drawn) {
          const begun = now + pause;
          const isOpen = !truth.isOpen("a");
          truth.change("a", isOpen, begun);
          now = begun + effect + confirmed;
          truth.confirm("a", now);
          really.push({ at: begun + effect, isOpen });
        }
        const end = start + length;
        const had = really.filter(
          ({ at }, index) => at <= end && (really[index + 1]?.at ?? Infinity) > start,
        );
        const possible = truth.statesBetween("a", start, end);
        for (const { isOpen } of had) expect(possible).toContain(isOpen);
      }),
      { examples: [[[[5, 5, 5]], 7, 1]] },
    );
  });

  it("cannot be changed again before the change is confirmed", () => {
    const truth = truthOf(new Map([["a", false]]));
    truth.change("a", true, 1);
    expect(() => truth.change("a", false, 2)).toThrow("a: the change before is not confirmed");
    expect(() => truth.isOpen("b")).toThrow("b: there is no such connection");
  });
});

describe("the slope of a line", () => {
  it("is exact for points on a line, and its error is 0", () => {
    const points = [0, 1, 2, 5].map((time): Point => [time, 3 + 2 * time]);
    expect(slopeOf(points)).toEqual({ slope: 2, error: 0, points: 4 });
  });

  it("has the standard error of a line of least squares", () => {
    // By hand: residuals -0.1, 0.2, -0.1; their squares 0.06; one degree of freedom; spread 2.
    const found = slopeOf([
      [0, 0],
      [1, 1.3],
      [2, 2],
    ]);
    expect(found?.slope).toBeCloseTo(1);
    expect(found?.error).toBeCloseTo(Math.sqrt(0.06 / 2));
  });

  it.each<[string, Point[]]>([
    [
      "two points",
      [
        [0, 1],
        [1, 2],
      ],
    ],
    [
      "points of one time",
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
    ],
  ])("is not defined for %s", (_, points) => {
    expect(slopeOf(points)).toBeUndefined();
  });

  it("is taken of the least value of each period", () => {
    const points: Point[] = [
      [0, 5],
      [4, 3],
      [9, 4],
      [10, 7],
      [12, 6],
    ];
    expect(leastOfEach(points, 10)).toEqual([
      [4, 3],
      [12, 6],
    ]);
  });
});
