import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Check } from "../../crds/proberun/proberun.ts";
import type { Letter } from "../samples.ts";
import { check, probing } from "../testing/checks.ts";
import { wait } from "../testing/wait.ts";
import { MAX_WITNESS_ROUNDS } from "../timing.ts";
import { runRounds } from "./runner.ts";

const START = Date.UTC(2026, 0, 1);

interface Played {
  readonly checks?: readonly Check[];
  /** The result of each round. */
  readonly resultOf?: (round: number) => Letter;
  /** How long an attempt takes, in milliseconds. */
  readonly attemptTime?: number;
}

/** Runs the rounds of a witness that is ended so many milliseconds after its start. */
async function endedAfter(
  milliseconds: number,
  { checks = [check(0)], resultOf = () => "C", attemptTime = 5 }: Played = {},
) {
  const end = new AbortController();
  setTimeout(() => end.abort(), milliseconds);
  let attempts = 0;
  const done = runRounds({
    checks,
    probing: probing(),
    until: end.signal,
    contact: () => undefined,
    attempt: async () => {
      const letter = resultOf(attempts);
      attempts += 1;
      await wait(attemptTime);
      return { letter };
    },
    now: () => Date.now(),
    wait,
    publish: () => undefined,
    trace: () => undefined,
  }).then((report) => ({ report, took: Date.now() - START }));
  await vi.runAllTimersAsync();
  const { report, took } = await done;
  return { report, took, attempts, samples: report.results.map(({ samples }) => samples) };
}

describe("the rounds of a witness", () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  it.each<[string, Letter]>([
    ["got through", "C"],
    ["failed", "."],
  ])(
    "continue until they are ended, independent of what has settled, because they must overlap those of others (%s)",
    async (_, letter) => {
      const { report, samples, attempts, took } = await endedAfter(7_500, { resultOf: () => letter });
      expect(report).toMatchObject({ startedAt: START, complete: true });
      expect([samples, attempts, took]).toEqual([[letter.repeat(8)], 8, 7_500]);
    },
  );

  it("have no result where they were ended before it", async () => {
    const { samples, took } = await endedAfter(3_100, { resultOf: () => "R", attemptTime: 1_500 });
    expect([samples, took]).toEqual([["RREE"], 3_100]);
  });

  it("are reported without a result if they were ended before the first one", async () => {
    const { report, samples } = await endedAfter(0);
    expect(report).toMatchObject({ startedAt: START, complete: true });
    expect(samples.join("")).toMatch(/^E?$/);
  });

  it("are reported as far as the report has room: the last ones, and when the first of these started", async () => {
    const { report, samples } = await endedAfter(69_500, { resultOf: (round) => (round < 20 ? "C" : ".") });
    expect(samples).toEqual([`${"C".repeat(10)}${".".repeat(50)}`]);
    expect(report.startedAt).toBe(START + 10_000);
  });

  it("are limited in number, even if they are never ended", async () => {
    const { attempts, took } = await endedAfter(3_600_000);
    expect(attempts).toBe(MAX_WITNESS_ROUNDS);
    expect(took).toBeLessThanOrEqual(MAX_WITNESS_ROUNDS * 1_000);
  });

  it("pass without an attempt where there is no check, for pods that connect to this one in the meantime", async () => {
    const { report, attempts, took } = await endedAfter(8_200, { checks: [] });
    expect(report).toMatchObject({ startedAt: START, complete: true, results: [] });
    expect([attempts, took]).toEqual([0, 8_200]);
  });
});
