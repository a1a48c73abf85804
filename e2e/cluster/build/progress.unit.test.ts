import { type Arbitrary, array, assert, double, property, record } from "fast-check";
import { expect, test } from "vitest";

import { type Position, secondsLeft, timeLeft } from "./progress.ts";

const nothingYet = { seconds: 300, elapsed: 0, done: 0 };

test("At the beginning the time left is what was measured.", () => {
  expect(secondsLeft({ finished: [], running: nothingYet, ahead: [{ seconds: 100 }] })).toBe(400);
});

test("A machine of half the speed doubles the time left, the more surely the more it has done.", () => {
  const after = (seconds: number) =>
    secondsLeft({
      finished: [{ seconds, took: 2 * seconds }],
      running: { ...nothingYet, seconds: 100 },
      ahead: [],
    });
  expect(after(60)).toBe(150);
  expect(after(6000)).toBeGreaterThan(195);
  expect(after(6000)).toBeLessThan(200);
});

test.for([
  { when: "nothing can be seen of it", running: { seconds: 100, elapsed: 30, done: 0 }, left: 70 },
  {
    when: "nothing can be seen, and it takes longer than measured",
    running: { seconds: 100, elapsed: 500, done: 0 },
    left: 0,
  },
  {
    when: "a third of it is seen in its measured time",
    running: { seconds: 90, elapsed: 30, done: 0, seen: 1 / 3 },
    left: 60,
  },
  {
    when: "half of it was done before an interruption",
    running: { seconds: 100, elapsed: 0, done: 0.5, seen: 0 },
    left: 50,
  },
])("A step has $left s left when $when.", ({ running, left }) => {
  expect(secondsLeft({ finished: [], running, ahead: [] })).toBeCloseTo(left);
});

const share = record({ seconds: double({ min: 0.1, max: 1000, noNaN: true }) });
const part = double({ min: 0, max: 1, noNaN: true });
const position: Arbitrary<Position> = record({
  finished: array(
    record({
      seconds: double({ min: 0.1, max: 1000, noNaN: true }),
      took: double({ min: 0, max: 5000, noNaN: true }),
    }),
  ),
  running: record(
    {
      seconds: double({ min: 0.1, max: 1000, noNaN: true }),
      elapsed: double({ min: 0, max: 5000, noNaN: true }),
      done: part,
      seen: part,
    },
    { requiredKeys: ["seconds", "elapsed", "done"] },
  ),
  ahead: array(share),
});

test("The time left is a finite number that is never negative, wherever a preparation is.", () => {
  assert(
    property(position, (where) => {
      const left = secondsLeft(where);
      expect(Number.isFinite(left)).toBe(true);
      expect(left).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("One more step ahead never shortens the time left.", () => {
  assert(
    property(position, share, (where, more) => {
      const longer = { ...where, ahead: [...where.ahead, more] };
      expect(secondsLeft(longer)).toBeGreaterThanOrEqual(secondsLeft(where));
    }),
  );
});

test.for([
  [0, "nearly done"],
  [7.9, "nearly done"],
  [8, "about 10 s left"],
  [41, "about 50 s left"],
  [55, "about 1 min left"],
  [89, "about 1 min left"],
  [91, "about 2 min left"],
  [360, "about 6 min left"],
] as const)("%d seconds are %j.", ([seconds, words]) => {
  expect(timeLeft(seconds)).toBe(words);
});
