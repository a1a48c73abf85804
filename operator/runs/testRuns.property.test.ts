import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cachesOf } from "../testing/caches.ts";
import { BEGAN, connectivityTest, later, probeRun } from "../testing/objects.ts";
import { runsOfTest } from "./testRuns.ts";

/** As many as a status remembers. */
const HISTORY = 10;

/** Runs of one generation, one after the other: which of those that have been judged are left, and the next one, if any. */
const pasts = fc.record({
  left: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
  /** Milliseconds from the start of a run to the start of the next one. */
  apart: fc.integer({ min: 1_000, max: 100_000 }),
  next: fc.constantFrom(undefined, "Pending" as const, "Running" as const, "Finished" as const),
});

describe("the run in progress", () => {
  it("is the one that began after the one that the status reports, and never one that was judged before, however long ago", () => {
    fc.assert(
      fc.property(pasts, ({ left, apart, next }) => {
        const idOf = (index: number) => `r${index}`;
        const begun = (index: number) => later(index * apart).toISOString();
        const run = (index: number, phase: "Pending" | "Running" | "Finished") =>
          probeRun({
            id: idOf(index),
            metadata: { name: `net-r${index}`, uid: `uid-r${index}`, creationTimestamp: begun(index) },
            status: { phase },
          });
        const last = left.length - 1;
        const test = connectivityTest({
          status: {
            run: {
              id: idOf(last),
              trigger: "Schedule",
              startedAt: begun(last),
              finishedAt: begun(last),
              generation: 1,
            },
            history: left
              .map((_, index) => ({
                id: idOf(index),
                verdict: "Passed" as const,
                finishedAt: BEGAN,
                text: "1/1",
              }))
              .toReversed()
              .slice(0, HISTORY),
          },
        });
        const judged = left.flatMap((isLeft, index) => (isLeft ? [run(index, "Finished")] : []));
        const runs = [...judged, ...(next ? [run(left.length, next)] : [])];
        const { active, ended, obsolete } = runsOfTest(test, cachesOf({ runs }));
        expect(active?.spec.run.id).toBe(next && idOf(left.length));
        expect(ended?.spec.run.id).toBe(left[last] === true ? idOf(last) : undefined);
        expect(obsolete).toEqual(judged.filter(({ spec }) => spec.run.id !== idOf(last)));
      }),
    );
  });
});
