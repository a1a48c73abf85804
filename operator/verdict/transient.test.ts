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
import { startingReasonOf, transientReasonOf } from "./transient.ts";

const denied: PathSketch = { samples: "....." };
const notRun = { phase: "NotRun", message: "no node has room" } as const;
const sourceNotFound = {
  expectation: "orders-mysql",
  reason: "SourceNotFound",
  message: "no running pod matches",
} as const;
const expectations = [{ name: "orders-mysql", expect: "Denied" }] as const;
const notCompared = { path: 0, message: "none of its pods was running", transient: true } as const;
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
      "a source that could not be compared with its twin",
      "SourceNotReproducible",
      { run: { paths: [denied, liveSource, targetAlive], sourceDifferences: [notCompared] } },
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
      "a policy treats the source and its twin differently",
      {
        run: {
          paths: [denied, liveSource, targetAlive],
          sourceDifferences: [{ path: 0, message: "a policy selects by role" }],
        },
      },
    ],
    [
      "the source could not be compared with its twin, and admission changed the twin",
      {
        run: {
          paths: [denied, liveSource, targetAlive],
          sourceDifferences: [notCompared],
          pods: { ...apart, "probe-orders": { differences: [{ field: "label", key: "zone" }] } },
        },
      },
    ],
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

describe("a run whose workloads may not have started", () => {
  const startingReason = ({ run, witnesses }: Case) =>
    startingReasonOf(
      judgedExpectations(
        judgeRun({ run: runOf({ pods: apart, ...run }), witness: witnesses && witnessesOf(witnesses) }),
      ),
    );
  const allowed: PathSketch = { expect: "Allowed", samples: "....." };
  const noEndpoint: PathSketch = { ...allowed, kind: "ClusterAddress", backendCount: 0, backends: [] };
  const missing = { paths: [], expectations, findings: [{ ...sourceNotFound, transient: true }] };

  it.each<[string, Reason | undefined, Case]>([
    ["a source without pods", "SourceNotFound", { run: missing }],
    ["a Service without a ready endpoint", "TargetDown", { run: { paths: [noEndpoint, liveSource] } }],
    [
      "both, and a probe that did not run",
      "TargetDown",
      { run: { paths: [noEndpoint, liveSource, { ...denied, pod: "probe-orders" }], pods: {} } },
    ],
    [
      "an open path that is to be closed, besides",
      undefined,
      { run: { paths: [noEndpoint, { ...denied, samples: "CCC" }] } },
    ],
    ["a path that a policy blocks", undefined, { run: { paths: [allowed, liveSource, targetAlive] } }],
    ["nothing that is wrong", undefined, { run: { paths: [liveSource] } }],
  ])("%s: %s", (_, reason, one) => {
    expect(startingReason(one)).toBe(reason);
  });
});
