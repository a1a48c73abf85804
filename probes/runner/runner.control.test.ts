import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isLetter } from "../samples.ts";
import { check, probing } from "../testing/checks.ts";
import { wait } from "../testing/wait.ts";
import { runRounds } from "./runner.ts";

/** The samples of netverdict's own proof of the source, and of the one check that a test asks for. */
async function play(control: string, asked: string) {
  const rounds = [0, 0];
  const done = runRounds({
    checks: [check(0, { provesSource: true, control: true }), check(1)],
    probing: probing(),
    contact: () => undefined,
    attempt: async ({ path }) => {
      const says = path === 0 ? control : asked;
      const round = rounds[path] ?? 0;
      rounds[path] = round + 1;
      await wait(5);
      const letter = says[Math.min(round, says.length - 1)] ?? "";
      return { letter: isLetter(letter) ? letter : "E" };
    },
    now: () => Date.now(),
    wait,
    publish: () => undefined,
    trace: () => undefined,
  });
  await vi.runAllTimersAsync();
  return (await done).results.map(({ samples }) => samples);
}

describe("netverdict's own proof of the source", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["answers", "X", "XXXXX", "RRRRR"],
    ["never answers", ".", ".".repeat(15), "R".repeat(15)],
    ["answers in every second round", "X.X.X.X", "X.X.X", "RRRRR"],
  ])(
    "is tried beside a denial, which needs no more than five rounds between two successes: %s",
    async (...row) => {
      const [, control, expected, denied] = row;
      expect(await play(control, "R")).toEqual([expected, denied]);
    },
  );

  it("is not waited for when all other checks have settled", async () => {
    expect(await play(".", "A")).toEqual(["...", "AAA"]);
  });
});
