import { describe, expect, it } from "vitest";
import { MAX_CHECKS_PER_POD } from "../crds/proberun/plannedpath.ts";
import { probing } from "./testing/checks.ts";
import { roundInterval } from "./timing.ts";

describe("the time from one round to the next", () => {
  it("is the interval, for a full pod at the defaults", () => {
    expect(roundInterval(probing(), MAX_CHECKS_PER_POD)).toBe(1_000);
  });

  it("is stretched where all paths together could need more processes than there may be", () => {
    expect(roundInterval(probing({ interval: "200ms", timeout: "10s" }), 24)).toBe(5_000);
    expect(roundInterval(probing({ interval: "200ms", timeout: "10s" }), 1)).toBe(209);
  });
});
