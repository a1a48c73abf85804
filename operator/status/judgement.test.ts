import { describe, expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { judgeGoal, type JudgementState } from "./judgement.ts";
import type { StatusInput } from "./status.ts";

const now = later(30_000);
const uid = "uid-net";
const token = "asked";
const scheduled = connectivityTest({ spec: { schedule: { every: "10m" } } });

/** The status that the operator writes. */
const written = (input: Partial<StatusInput> = {}) => published({ test: scheduled, now, ...input });
const runOf = (verdict: Verdict, requests: readonly string[] = []) =>
  endedRun([verdict], { requests, digestOf: scheduled.spec });
const after = (verdict: Verdict) => written({ ended: runOf(verdict) });
const withToken = (test: ConnectivityTest, value: string): ConnectivityTest => ({
  ...test,
  metadata: { ...test.metadata, annotations: { [RUN_REQUESTED]: value } },
});
const changed = (
  test: ConnectivityTest,
  fields: Partial<ConnectivityTest["metadata"]>,
): ConnectivityTest => ({
  ...test,
  metadata: { ...test.metadata, ...fields },
});
const suspended = (test: ConnectivityTest): ConnectivityTest => ({
  ...test,
  spec: { ...test.spec, suspend: true },
});
const requested = withToken(after("Passed"), token);
const problem = { reason: "TooManyPaths", message: "the spec expands to 300 paths" } as const;

interface Case {
  readonly name: string;
  readonly test: ConnectivityTest | undefined;
  readonly state: JudgementState;
  readonly message?: string;
  readonly at?: Date;
}

describe("a goal without a token", () => {
  it.each<Case>([
    { name: "never read by the operator", test: scheduled, state: "Waiting", message: "has not read" },
    { name: "in its first run", test: written(), state: "Waiting", message: "first run" },
    { name: "passed", test: after("Passed"), state: "Passed", message: "1 of 1 expectations hold" },
    { name: "failed", test: after("Failed"), state: "Failed", message: "a: expected Denied" },
    {
      name: "inconclusive",
      test: after("Inconclusive"),
      state: "Inconclusive",
      message: "a: expected Denied",
    },
    {
      name: "passed, with a newer spec",
      test: changed(after("Passed"), { generation: 2 }),
      state: "Waiting",
      message: "generation 2",
    },
    {
      name: "passed, with a request that the operator has not read",
      test: requested,
      state: "Waiting",
      message: "a requested run has no result",
    },
    {
      name: "passed, with a requested run in progress",
      test: written({
        test: requested,
        ended: runOf("Passed"),
        active: { id: "other", trigger: "Request", requests: [token] },
      }),
      state: "Waiting",
    },
    {
      name: "passed, with a run for a change of a policy in progress",
      test: written({ ended: runOf("Passed"), active: { id: "other", trigger: "PolicyChange" } }),
      state: "Waiting",
      message: "run other of generation 1 is in progress",
    },
    {
      name: "passed, with a run of the schedule in progress",
      test: written({ ended: runOf("Passed"), active: { id: "other", trigger: "Schedule" } }),
      state: "Passed",
    },
    {
      name: "passed, with a rollout in progress",
      test: written({ ended: runOf("Passed"), isRollingOut: true }),
      state: "Waiting",
      message: "pod template",
    },
    {
      name: "passed, after its time while no operator runs",
      test: after("Passed"),
      at: later(24 * 3_600_000),
      state: "Inconclusive",
      message: "its verdict Passed was valid until",
    },
    {
      name: "passed, after its time as the operator reports it",
      test: written({ test: after("Passed"), now: later(24 * 3_600_000) }),
      state: "Inconclusive",
    },
    {
      name: "passed, with a time that cannot be read",
      test: { ...after("Passed"), status: { ...after("Passed").status, validUntil: "soon" } },
      state: "Inconclusive",
    },
    {
      name: "passed, and suspended since",
      test: written({ test: suspended(after("Passed")) }),
      state: "Passed",
    },
    {
      name: "suspended before its first run",
      test: written({ test: suspended(scheduled) }),
      state: "Inconclusive",
      message: "spec.suspend is true",
    },
    {
      name: "passed, and suspended since with a request",
      test: written({ test: suspended(requested) }),
      state: "Inconclusive",
      message: "A run starts when it is false",
    },
    {
      name: "with a spec that cannot be run",
      test: written({ problem }),
      state: "Inconclusive",
      message: "300",
    },
    { name: "deleted", test: undefined, state: "Error", message: "it was deleted" },
    {
      name: "passed, created again since",
      test: changed(after("Passed"), { uid: "uid-other" }),
      state: "Error",
      message: "created again",
    },
    {
      name: "passed, being deleted",
      test: changed(after("Passed"), { deletionTimestamp: "2026-11-30T12:00:00Z" }),
      state: "Error",
      message: "it is being deleted",
    },
  ])("a test that is $name is $state", ({ test, state, message = "", at = now }) => {
    const judgement = judgeGoal(test, { uid }, at);
    expect(judgement.state).toBe(state);
    expect(judgement.message).toContain(message);
  });
});

describe("a goal with a token", () => {
  const answered = (verdict: Verdict) => written({ test: requested, ended: runOf(verdict, [token]) });

  it.each<Case>([
    { name: "has not read", test: requested, state: "Waiting", message: "has not read the request yet" },
    {
      name: "has read",
      test: written({ test: requested, ended: runOf("Passed") }),
      state: "Waiting",
      message: "about to start",
    },
    {
      name: "runs",
      test: written({
        test: requested,
        ended: runOf("Passed"),
        active: { id: "other", trigger: "Request", requests: [token] },
      }),
      state: "Waiting",
      message: "run other of generation 1 is in progress",
    },
    { name: "answers with Passed", test: answered("Passed"), state: "Passed", message: "1 of 1" },
    { name: "answers with Failed", test: answered("Failed"), state: "Failed" },
    { name: "answers with Inconclusive", test: answered("Inconclusive"), state: "Inconclusive" },
    {
      name: "refuses because the test is suspended",
      test: written({ test: suspended(requested), ended: runOf("Passed") }),
      state: "Inconclusive",
      message: "spec.suspend is true",
    },
    {
      name: "refuses because the spec cannot be run",
      test: written({ test: requested, problem }),
      state: "Inconclusive",
      message: "the spec expands to 300 paths",
    },
    {
      name: "of an earlier version has handled",
      test: { ...requested, status: { ...requested.status, lastHandledRequest: token } },
      state: "Error",
      message: "Upgrade the operator",
    },
  ])("that the operator $name is $state", ({ test, state, message = "" }) => {
    const judgement = judgeGoal(test, { uid, token }, now);
    expect(judgement.state).toBe(state);
    expect(judgement.message).toContain(message);
  });

  it("keeps the result of its run when later runs have others", () => {
    const later2 = written({
      test: answered("Failed"),
      ended: endedRun(["Passed"], { id: "other", at: 40_000 }),
    });
    expect(judgeGoal(later2, { uid, token }, now)).toMatchObject({ state: "Failed", run: "k3f9q" });
  });
});
