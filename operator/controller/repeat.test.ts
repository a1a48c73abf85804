import { describe, expect, it } from "vitest";
import { openRequests } from "../status/requests.ts";
import { connectivityTest, later, probeRun, type TestOptions } from "../testing/objects.ts";
import { repeatOf, type EndedAttempt } from "./repeat.ts";

interface Case {
  readonly attempt?: number;
  readonly ended?: Partial<EndedAttempt>;
  readonly test?: TestOptions;
}

/** The run began at 0, and its attempt ended after 20 s. */
function repeat({ attempt = 1, ended, test }: Case) {
  const run = probeRun();
  const spec = { ...run.spec, run: { ...run.spec.run, attempt } };
  const one = connectivityTest(test);
  const attempted = {
    run: { ...run, spec },
    startedAt: later(0),
    finishedAt: later(20_000),
    transientReason: "ProbeNotRun",
    startingReason: undefined,
    ...ended,
  } as const;
  return repeatOf(one, attempted, openRequests(one).waiting);
}

it.each([
  [1, 25_000],
  [2, 40_000],
  [3, 80_000],
])("attempt %d is repeated, %d ms after the start", (attempt, at) => {
  expect(repeat({ attempt })).toEqual({ attempt: attempt + 1, at: later(at), reason: "ProbeNotRun" });
});

describe("while the workloads of a test may not have started", () => {
  const starting = { transientReason: undefined, startingReason: "TargetDown" } as const;
  const young = { metadata: { creationTimestamp: later(0).toISOString() } };

  it.each([
    [1, 20_000, 25_000],
    [2, 60_000, 80_000],
    [9, 280_000, 300_000],
  ])("attempt %d that ended at %d ms is repeated at %d ms, however often", (attempt, end, at) => {
    const ended = { ...starting, finishedAt: later(end) };
    expect(repeat({ attempt, ended, test: young })).toEqual({
      attempt: attempt + 1,
      at: later(at),
      reason: "TargetDown",
    });
  });

  it.each<[string, Case]>([
    ["after the default deadline", { attempt: 9, ended: { finishedAt: later(281_000) }, test: young }],
    ["after the deadline of the test", { test: { ...young, spec: { progressDeadline: "20s" } } }],
    ["of an object that was never stored", { test: {} }],
    ["while it is suspended", { test: { ...young, spec: { suspend: true } } }],
  ])("no attempt follows %s", (_, { ended, ...one }) => {
    expect(repeat({ ...one, ended: { ...starting, ...ended } })).toBeUndefined();
  });

  it("another attempt follows for its transient reason when the deadline has passed", () => {
    const ended = { ...starting, transientReason: "SourceNotFound" } as const;
    const test = { ...young, spec: { progressDeadline: "0s" } };
    expect(repeat({ attempt: 3, ended, test })).toEqual({
      attempt: 4,
      at: later(80_000),
      reason: "SourceNotFound",
    });
  });
});

describe("an attempt is not repeated", () => {
  const requested = { annotations: { "netverdict.dev/run-requested": "now" } };

  it.each<[string, Case]>([
    ["if its reasons last", { ended: { transientReason: undefined } }],
    ["if it was the last one", { attempt: 4 }],
    ["if the test permits fewer", { attempt: 2, test: { spec: { maxAttempts: 2 } } }],
    ["if the test is suspended", { test: { spec: { suspend: true } } }],
    ["if a run has been requested since", { test: { metadata: requested } }],
    ["if the schedule is due before", { attempt: 3, test: { spec: { schedule: { every: "1m" } } } }],
  ])("%s", (_, one) => {
    expect(repeat(one)).toBeUndefined();
  });
});
