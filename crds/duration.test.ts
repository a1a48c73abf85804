import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationBetween, formatDuration, formatLatency, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["250ms", 250],
    ["2s", 2_000],
    ["1m30s", 90_000],
    ["720h", 2_592_000_000],
    ["0s", 0],
  ])("reads %s as %i ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(["", "10", "1.5s", "-1s", "1d", "s", " 1s", "1s ", "1234567s", "1s\n"])(
    "takes %j for no duration",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("formatLatency", () => {
  it.each([
    [0.043, "0.04ms"],
    [0.096, "0.1ms"],
    [0.83, "0.8ms"],
    [1.84, "1.8ms"],
    [9.96, "10ms"],
    [12.4, "12ms"],
    [1_240, "1.2s"],
  ])("writes %d ms as %s", (milliseconds, text) => {
    expect(formatLatency(milliseconds)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0ms"],
    [999.4, "999ms"],
    [999.6, "1s"],
    [1_800, "1.8s"],
    [59_940, "59.9s"],
    [59_960, "1m"],
    [150_000, "2m30s"],
    [600_000, "10m"],
    [3_600_000, "1h"],
    [3_661_000, "1h1m1s"],
  ])("writes %d ms as %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it("writes what parseDuration reads, but for the fraction of a second that only short spans have", () => {
    const readable = (text: string) => text.replace(/^([0-9]+)\.([0-9])s$/, "$1s$200ms");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2_592_000_000, noNaN: true }), (milliseconds) => {
        const read = parseDuration(readable(formatDuration(milliseconds))) ?? Number.NaN;
        const tolerance = milliseconds < 1_000 ? 0.5 : milliseconds < 60_000 ? 50 : 500;
        expect(Math.abs(read - milliseconds)).toBeLessThanOrEqual(tolerance + 0.001);
      }),
    );
  });
});

describe("durationBetween", () => {
  const schema = durationBetween("1m", "720h");

  it.each(["1m", "60s", "720h", "1m30s"])("takes %s between 1m and 720h", (text) => {
    expect(schema.parse(text)).toBe(text);
  });

  it.each(["59s", "721h", "soon", "0s", "60000"])("refuses %s with the bounds in the sentence", (text) => {
    expect(() => schema.parse(text)).toThrow("must be a duration between 1m and 720h, such as 90s or 1m30s");
  });
});
