import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createDebounce } from "./debounce.ts";

let handled: string[];

beforeEach(() => {
  vi.useFakeTimers();
  handled = [];
});
afterEach(() => void vi.useRealTimers());

it("keys that are added within two seconds are handled once each, two seconds after the first", () => {
  const debounce = createDebounce((key) => handled.push(key));
  debounce.add("a");
  vi.advanceTimersByTime(1_900);
  for (const key of ["b", "a", "b"]) debounce.add(key);
  expect(handled).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(handled).toEqual(["a", "b"]);
  debounce.add("a");
  vi.advanceTimersByTime(2_000);
  expect(handled).toEqual(["a", "b", "a"]);
});

it("no key is handled after the end", () => {
  const debounce = createDebounce((key) => handled.push(key));
  debounce.add("a");
  debounce.stop();
  vi.advanceTimersByTime(10_000);
  expect(handled).toEqual([]);
});
