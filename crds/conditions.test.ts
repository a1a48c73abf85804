import { describe, expect, it } from "vitest";
import { type Condition, mergeConditions, type NextCondition } from "./conditions.ts";

const THEN = "2026-01-01T00:00:00.000Z";
const NOW = new Date("2026-01-02T00:00:00.000Z");

const passed = (status: NextCondition["status"]): NextCondition => ({
  type: "Passed",
  status,
  reason: "AsExpected",
  message: "3 of 3 expectations hold",
  observedGeneration: 2,
});
const before = (type: string, status: Condition["status"]): Condition => ({
  type,
  status,
  reason: "Old",
  message: "old",
  lastTransitionTime: THEN,
});

describe("mergeConditions", () => {
  it("dates a new condition by now", () => {
    expect(mergeConditions([], [passed("True")], NOW)).toEqual([
      { ...passed("True"), lastTransitionTime: NOW.toISOString() },
    ]);
  });

  it("keeps the date while the status stays, and takes the new reason and message", () => {
    expect(mergeConditions([before("Passed", "True")], [passed("True")], NOW)).toEqual([
      { ...passed("True"), lastTransitionTime: THEN },
    ]);
  });

  it("moves the date when the status changes", () => {
    const [merged] = mergeConditions([before("Passed", "True")], [passed("False")], NOW);
    expect(merged).toMatchObject({ status: "False", lastTransitionTime: NOW.toISOString() });
  });

  it("removes one of ours that no longer holds", () => {
    const merged = mergeConditions(
      [before("Stalled", "True"), before("Passed", "True")],
      [passed("True")],
      NOW,
    );
    expect(merged.map(({ type }) => type)).toEqual(["Passed"]);
  });

  it("keeps what others wrote, as it is and in its order", () => {
    const foreign = [before("example.com/Reviewed", "True"), before("example.com/Archived", "False")];
    const merged = mergeConditions([...foreign, before("Ready", "True")], [passed("True")], NOW);
    expect(merged.slice(0, 2)).toEqual(foreign);
  });

  it("gives the same again when nothing has changed", () => {
    const once = mergeConditions([before("example.com/Reviewed", "True")], [passed("True")], NOW);
    expect(mergeConditions(once, [passed("True")], new Date("2027-01-01"))).toEqual(once);
  });
});
