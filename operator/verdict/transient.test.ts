import { describe, expect, it } from "vitest";
import type { Reason } from "../../crds/reasons.ts";
import { later } from "../testing/objects.ts";
import {
  apart,
  liveSource,
  runOf,
  targetAlive,
  witnessesOf,
  type PathSketch,
  type RunSketch,
} from "../testing/probeRuns.ts";
import { judgedExpectations } from "./judgedExpectation.ts";
import { judgeRun } from "./judgePath.ts";
import { transientReasonOf } from "./transient.ts";

const denied: PathSketch = { samples: "....." };
const notRun = { phase: "NotRun", message: "no node has room" } as const;
const sourceNotFound = {
  expectation: "orders-mysql",
  reason: "SourceNotFound",
  message: "no running pod matches",
} as const;
const expectations = [{ name: "orders-mysql", expect: "Denied" }] as const;
const gone = [{ path: 0, change: "Gone", name: "mysql-7d9f", more: 0 }] as const;

interface Case {
  readonly run: RunSketch;
  readonly witnesses?: RunSketch;
}

function transientReason({ run, witnesses }: Case): Reason | undefined {
  const witness = witnesses && witnessesOf(witnesses);
  return transientReasonOf(judgedExpectations(judgeRun({ run: runOf({ pods: apart, ...run }), witness })));
}

describe("a run that is repeated, because it is Inconclusive for a reason that may pass", () => {
  it.each<[string, Reason, Case]>([
    [
      "a probe that did not run",
      "ProbeNotRun",
      { run: { paths: [denied], pods: { "probe-orders": notRun } } },
    ],
    [
      "a probe that was starved of CPU",
      "ProbeNotRun",
      { run: { paths: [{ samples: "EEEEEEEEEEEEEEE" }, liveSource] } },
    ],
    [
      "a source whose pods are not there yet",
      "SourceNotFound",
      {
        run: {
          paths: [],
          expectations,
          findings: [{ ...sourceNotFound, transient: true }],
        },
      },
    ],
    [
      "a target that changed during the run",
      "TargetChanged",
      { run: { paths: [denied, liveSource, targetAlive], changes: gone } },
    ],
    [
      "a witness that ran at another time",
      "TargetNotProven",
      {
        run: { paths: [denied, liveSource] },
        witnesses: {
          paths: [{ samples: "CCC" }],
          pods: { "witness-far": { node: "far", roundsStartedAt: later(600_000).toISOString() } },
        },
      },
    ],
    [
      "a witness that did not run",
      "TargetNotProven",
      { run: { paths: [denied, liveSource] }, witnesses: { paths: [{}], pods: { "witness-far": notRun } } },
    ],
    [
      "a probe that did not run, so that another path lacks its proof",
      "ProbeNotRun",
      {
        run: {
          paths: [{ samples: ".........." }, { expectation: "beside", expect: "Allowed", pod: "probe-late" }],
          pods: { "probe-late": notRun },
        },
      },
    ],
  ])("%s", (_, reason, one) => {
    expect(transientReason(one)).toBe(reason);
  });
});

describe("a run that is not repeated", () => {
  it.each<[string, Case]>([
    ["it has passed", { run: { paths: [denied, liveSource, targetAlive] } }],
    [
      "an expectation has failed, whatever the others are",
      {
        run: {
          paths: [
            { expectation: "open", samples: "CCC" },
            { ...denied, pod: "probe-late" },
          ],
          pods: { "probe-late": notRun },
        },
      },
    ],
    [
      "the API server rejected the probe pod",
      { run: { paths: [denied], pods: { "probe-orders": { ...notRun, refused: true } } } },
    ],
    [
      "the API server rejected the witness",
      {
        run: { paths: [denied, liveSource] },
        witnesses: { paths: [{}], pods: { "witness-far": { ...notRun, refused: true } } },
      },
    ],
    ["no proof of the target is possible", { run: { paths: [denied, liveSource] } }],
    [
      "a witness found the target down",
      { run: { paths: [denied, liveSource] }, witnesses: { paths: [{ samples: "RRRRRRRR" }] } },
    ],
    ["nothing proves the source", { run: { paths: [{ samples: ".........." }, targetAlive] } }],
    ["a path does not settle", { run: { paths: [{ expect: "Allowed", samples: "CC.CC.CC.CC.CC." }] } }],
    [
      "a source cannot be found by another attempt",
      {
        run: {
          paths: [],
          expectations,
          findings: [sourceNotFound],
        },
      },
    ],
    [
      "one reason of several lasts",
      {
        run: {
          paths: [{ ...denied, pod: "probe-late" }],
          pods: { "probe-late": notRun },
          findings: [{ ...sourceNotFound, reason: "NotGranted" }],
        },
      },
    ],
    ["no expectation was planned", { run: { paths: [] } }],
  ])("where %s", (_, one) => {
    expect(transientReason(one)).toBeUndefined();
  });
});
