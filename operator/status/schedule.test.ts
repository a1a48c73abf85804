import * as fc from "fast-check";
import { expect, it } from "vitest";
import { connectivityTest, later } from "../testing/objects.ts";
import { nextRunAt, staleAfter } from "./schedule.ts";

const MINUTE = 60_000;

/** After how many milliseconds the next run of a test with this UID is due. */
function intervalOf(uid: string, every = "10m"): number {
  const due = nextRunAt(connectivityTest({ metadata: { uid }, spec: { schedule: { every } } }), later(0));
  return (due?.getTime() ?? NaN) - later(0).getTime();
}

it("an interval is up to a tenth shorter, and the same for the same UID", () => {
  const minutes = fc.integer({ min: 1, max: 43_200 });
  fc.assert(
    fc.property(fc.uuid(), minutes, (uid, every) => {
      const interval = intervalOf(uid, `${every}m`);
      expect(interval).toBeLessThanOrEqual(every * MINUTE);
      expect(interval).toBeGreaterThanOrEqual(0.9 * every * MINUTE);
      expect(interval % 1_000).toBe(0);
      expect(intervalOf(uid, `${every}m`)).toBe(interval);
    }),
  );
});

it("two hundred tests that were created together are due in more than forty different seconds of a minute", () => {
  const intervals = Array.from({ length: 200 }, (_, index) => intervalOf(`uid-${index}`));
  expect(new Set(intervals).size).toBeGreaterThan(40);
});

it("a cron expression is due when it says", () => {
  const hourly = connectivityTest({ spec: { schedule: { cron: "30 * * * *" } } });
  expect(nextRunAt(hourly, later(0))?.toISOString()).toBe("2026-11-21T12:30:00.000Z");
});

it("a verdict is valid for two whole intervals after its run", () => {
  const times = { startedAt: later(0), finishedAt: later(20_000) };
  expect(staleAfter({ every: "10m" }, times)).toEqual(later(20_000 + 20 * MINUTE));
});
