import { expect, it } from "vitest";
import { BEGAN, later } from "../testing/objects.ts";
import { queuedMessage, secondsQueued } from "./queuedRun.ts";

const known = { since: BEGAN, waitsFor: "EarlierRuns" };

it("counts whole seconds since it was queued", () => {
  expect(secondsQueued(undefined, later(5_000))).toBe(0);
  expect(secondsQueued(known, later(5_400))).toBe(5);
  expect(secondsQueued(known, later(-2_000))).toBe(0);
});

it("says which run it is and what it waits for, also in the words of another version", () => {
  const status = { ...known, waitsFor: "NodeMemory" };
  expect(queuedMessage(3, { trigger: "Schedule", attempt: 2, status })).toBe(
    `attempt 2 of the run of generation 3 is queued since ${BEGAN}, until NodeMemory. It starts by itself`,
  );
  expect(queuedMessage(3, { trigger: "Schedule", status: known })).toBe(
    `the next run of generation 3 is queued since ${BEGAN}, until earlier runs have started. It starts by itself`,
  );
});
