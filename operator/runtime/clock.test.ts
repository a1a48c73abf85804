import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { microTime, realClock } from "./clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("sleeps for the time given", async () => {
  const woken = vi.fn<() => void>();
  void realClock.sleep(1_000).then(woken);
  await vi.advanceTimersByTimeAsync(999);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(woken).toHaveBeenCalledOnce();
});

it("wakes with the reason of the abort and leaves no timer", async () => {
  const stop = new AbortController();
  const slept = realClock.sleep(1_000, stop.signal);
  stop.abort(new Error("enough"));
  await expect(slept).rejects.toThrow("enough");
  expect(vi.getTimerCount()).toBe(0);
});

it("does not fall asleep once aborted", async () => {
  await expect(realClock.sleep(1_000, AbortSignal.abort())).rejects.toThrow("aborted");
  expect(vi.getTimerCount()).toBe(0);
});

it("writes a MicroTime with six digits", () => {
  expect(microTime(new Date("2026-11-21T10:00:00.120Z"))).toBe("2026-11-21T10:00:00.120000Z");
});
