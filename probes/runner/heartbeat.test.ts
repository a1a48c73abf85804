import { describe, expect, it } from "vitest";
import { watchPulse } from "./heartbeat.ts";

describe("a process", () => {
  it.each([
    ["was not late where each line came in time", [20, 340, 660], 660, false],
    ["was late where it went on only with the line of the result", [20, 1_980, 2_301, 2_301], 2_301, true],
    ["was late where it went on shortly before", [20, 1_900, 1_950], 2_200, true],
    ["was not late where it had paused long before, and then went on in time", [20, 900, 920], 1_221, false],
    ["was late where its first line came late", [321], 330, true],
  ] as const)("%s", (...[, lines, resultAt, wasLate]) => {
    const startedAt = 5_000;
    const pulse = watchPulse(startedAt);
    for (const line of lines) pulse.beat(startedAt + line);
    expect(pulse.wasLate(startedAt + resultAt)).toBe(wasLate);
  });
});
