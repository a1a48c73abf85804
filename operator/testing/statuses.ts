import {
  connectivityTestSchema,
  type ConnectivityTest,
  type ConnectivityTestSpec,
  type ConnectivityTestStatus,
} from "../../crds/connectivitytest.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { specDigest } from "../planning/specDigest.ts";
import { nextStatus, type StatusInput } from "../status/status.ts";
import type { EndedRun } from "../status/testState.ts";
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
  readonly requests?: readonly string[];
  /** The spec that it has tested. Default: its digest is not recorded. */
  readonly digestOf?: ConnectivityTestSpec;
  /** Milliseconds after the beginning of everything; the run takes 20 s. */
  readonly at?: number;
}

/** A run that has ended with one expectation for each of the verdicts, named `a`, `b`, … */
export function endedRun(verdicts: readonly Verdict[], sketch: EndedSketch = {}): EndedRun {
  const { id = "k3f9q", generation = 1, requests, digestOf, at = 0 } = sketch;
  return {
    run: probeRun({
      id,
      generation,
      spec: {
        run: {
          id,
          trigger: requests ? "Request" : "Schedule",
          generation,
          ...(requests && { requests: [...requests] }),
          ...(digestOf && { specDigest: specDigest(digestOf) }),
        },
      },
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

/** `Passed=True AsExpected`, and so on. */
export const conditionsOf = (status: ConnectivityTestStatus) =>
  (status.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);

/** What kstatus makes of a status: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md. */
export function kstatus(
  { conditions: all = [], observedGeneration }: ConnectivityTestStatus,
  generation = 1,
): string {
  const is = (type: string, wanted: string) =>
    all.some((condition) => condition.type === type && condition.status === wanted);
  if (observedGeneration !== generation || is("Reconciling", "True")) return "InProgress";
  if (is("Stalled", "True")) return "Failed";
  return is("Ready", "False") || is("Ready", "Unknown") ? "InProgress" : "Current";
}
