import { connectivityTestSchema, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { nextStatus, type EndedRun, type StatusInput } from "../controller/status.ts";
import type { ExpectationVerdict } from "../verdict/judge.ts";
import { later, probeRun } from "./objects.ts";

/** Runs that have been judged, and tests with the status that such a run left. */

export interface VerdictSketch extends Partial<ExpectationVerdict> {
  readonly verdict: Verdict;
}

const REASONS: Readonly<Record<Verdict, Reason>> = {
  Passed: "AsExpected",
  Inconclusive: "TargetNotProven",
  Failed: "Open",
};

/** An expectation without paths, with the message `as seen`. */
export function verdictOn(name: string, sketch: VerdictSketch): ExpectationVerdict {
  return {
    name,
    expected: "Denied",
    actual: "Denied",
    reason: REASONS[sketch.verdict],
    message: "as seen",
    pathCount: 0,
    paths: [],
    ...sketch,
  };
}

export interface EndedSketch {
  readonly id?: string;
  readonly generation?: number;
  readonly request?: string;
  /** Milliseconds after the beginning of everything; the run takes 20 s. */
  readonly at?: number;
}

/** A run that has ended with one expectation for each of the verdicts, named `a`, `b`, … */
export function endedRun(verdicts: readonly Verdict[], sketch: EndedSketch = {}): EndedRun {
  const { id = "k3f9q", generation = 1, request, at = 0 } = sketch;
  return {
    run: probeRun({
      id,
      generation,
      spec: { run: { id, trigger: request === undefined ? "Schedule" : "Request", generation, request } },
    }),
    verdicts: verdicts.map((verdict, index) => verdictOn(String.fromCodePoint(97 + index), { verdict })),
    startedAt: later(at),
    finishedAt: later(at + 20_000),
  };
}

/** The test as the API server gives it back once the status has been written. */
export function published(input: StatusInput): ConnectivityTest {
  const written: unknown = JSON.parse(JSON.stringify({ ...input.test, status: nextStatus(input) }));
  return connectivityTestSchema.parse(written);
}
