import { describe, expect, it } from "vitest";
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
  return repeatOf(connectivityTest(test), {
    run: { ...run, spec },
    startedAt: later(0),
    finishedAt: later(20_000),
    transientReason: "ProbeNotRun",
    ...ended,
  });
}

it.each([
  [1, 25_000],
  [2, 40_000],
  [3, 80_000],
])("attempt %d is repeated, %d ms after the start", (attempt, at) => {
  expect(repeat({ attempt })).toEqual({ attempt: attempt + 1, at: later(at), reason: "ProbeNotRun" });
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
