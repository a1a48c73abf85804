import { describe, expect, it } from "vitest";
import type { JudgementState } from "../operator/status/judgement.ts";
import { exitCodeOf } from "./judgement.ts";

describe("the exit code of several tests", () => {
  const judgements = (...states: JudgementState[]) => states.map((state) => ({ state, message: "" }));

  it.each<{ states: JudgementState[]; code: number | undefined }>([
    { states: [], code: 3 },
    { states: ["Passed", "Passed"], code: 0 },
    { states: ["Passed", "Waiting"], code: undefined },
    { states: ["Inconclusive", "Waiting"], code: undefined },
    { states: ["Failed", "Waiting"], code: 1 },
    { states: ["Error", "Waiting"], code: 3 },
    { states: ["Failed", "Error", "Inconclusive"], code: 1 },
    { states: ["Inconclusive", "Passed"], code: 2 },
  ])("is $code for $states", ({ states, code }) => {
    expect(exitCodeOf(judgements(...states))).toBe(code);
  });
});
