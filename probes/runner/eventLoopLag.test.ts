import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchEventLoopLag } from "./eventLoopLag.ts";

describe("a runner that is kept from running", () => {
  let clock = 0;
  beforeEach(() => {
    clock = 0;
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  /** The timer fires after 50 ms of its own time, while the clock has moved on by so much. */
  const tick = (passed: number) => {
    clock += passed;
    vi.advanceTimersByTime(50);
  };

  it("is not late while its timer comes within 300 ms of its time", () => {
    const { laggedSince } = watchEventLoopLag(() => clock);
    for (const passed of [50, 60, 349]) tick(passed);
    expect(laggedSince(0)).toBe(false);
  });

  it("was late for everything that was in progress then, and for nothing that began after", () => {
    const { laggedSince } = watchEventLoopLag(() => clock);
    tick(50);
    tick(400);
    tick(50);
    expect(laggedSince(0)).toBe(true);
    expect(laggedSince(450)).toBe(true);
    expect(laggedSince(451)).toBe(false);
  });

  it("knows it even before the timer that is overdue", () => {
    const { laggedSince } = watchEventLoopLag(() => clock);
    clock += 351;
    expect(laggedSince(0)).toBe(true);
  });

  it("stops watching", () => {
    watchEventLoopLag(() => clock).stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
