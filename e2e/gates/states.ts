import { type ConnectivityTest, connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import type { Reason } from "../../crds/reasons.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { specDigest } from "../../operator/planning/specDigest.ts";
import { nextStatus, type StatusInput } from "../../operator/status/status.ts";
import type { EndedRun } from "../../operator/status/testState.ts";

/** What a gate does with a test. */
export type Decision = "go on" | "wait" | "stop";

/** A test in a state in which a gate may meet it. */
export interface GateState {
  readonly title: string;
  readonly test: ConnectivityTest & { readonly apiVersion: string; readonly kind: string };
  /** What the gate must do. */
  readonly decision: Decision;
  /** Whether only a gate with a clock can decide so. */
  readonly needsClock: boolean;
}

type Row = readonly [title: string, test: ConnectivityTest, decision: Decision, needs?: "clock"];

const REASONS: Readonly<Record<Verdict, Reason>> = {
  Passed: "AsExpected",
  Failed: "Open",
  Inconclusive: "TargetNotProven",
};
const DAY = 86_400_000;
const TOO_MANY = { reason: "TooManyPaths", message: "the spec expands to 300 paths" } as const;
const REJECTED = { reason: "ProbeNotRun", message: "the run could not start" } as const;

/** Returns the states of a test at a time, each as the object that a gate reads. */
export function gateStates(now: Date): readonly GateState[] {
  const created = testCreatedAt(now);
  const after = (verdict: Verdict) => written(created, { ended: ended(created, { verdict, now }), now });
  const passed = after("Passed");
  const meanwhile = (trigger: "Generation" | "PolicyChange" | "Request" | "Schedule") =>
    ({ active: { id: "two", trigger }, now }) as const;
  const yesterday = new Date(now.getTime() - DAY);
  const old = testCreatedAt(yesterday);
  const oldGreen = written(old, {
    ended: ended(old, { verdict: "Passed", now: yesterday }),
    now: yesterday,
  });
  const rows: readonly Row[] = [
    ["created; the operator has not read it", created, "wait"],
    ["in its first run", written(created, meanwhile("Generation")), "wait"],
    ["passed", passed, "go on"],
    ["failed", after("Failed"), "stop"],
    ["inconclusive", after("Inconclusive"), "stop"],
    ["passed, and in a requested run", written(passed, meanwhile("Request")), "wait"],
    ["failed, and in a requested run", written(after("Failed"), meanwhile("Request")), "wait"],
    ["passed, and in a run for a changed policy", written(passed, meanwhile("PolicyChange")), "wait"],
    ["passed; a new pod template is being rolled out", written(passed, { isRollingOut: true, now }), "wait"],
    ["passed, and in a run of the schedule", written(passed, meanwhile("Schedule")), "go on"],
    ["passed, then suspended", written(changed(passed, { suspend: true }), { now }), "go on"],
    ["suspended before its first run", written(changed(created, { suspend: true }), { now }), "wait"],
    ["passed; the operator has not read the new spec", changed(passed, { maxAttempts: 1 }), "wait"],
    ["passed, and not renewed until validUntil", written(oldGreen, { now }), "stop"],
    ["passed, past validUntil; the operator is away", oldGreen, "stop", "clock"],
    ["a spec that cannot be run", written(created, { problem: TOO_MANY, now }), "stop"],
    ["passed; the next run is rejected", written(passed, { problem: REJECTED, now }), "stop"],
  ];
  return rows.map(([title, test, decision, needs]) => ({
    title,
    decision,
    needsClock: needs === "clock",
    test: { apiVersion: API_VERSION, kind: CONNECTIVITY_TEST.kind, ...test },
  }));
}

function testCreatedAt(time: Date): ConnectivityTest {
  return connectivityTestSchema.parse({
    metadata: {
      name: "shop",
      namespace: "shop",
      uid: "1",
      generation: 1,
      creationTimestamp: time.toISOString(),
    },
    spec: {
      schedule: { every: "10m" },
      rerunOn: ["PolicyChange", "WorkloadChange"],
      expectations: [
        {
          name: "a",
          from: { podSelector: {} },
          to: { service: { name: "web" } },
          tcp: { port: 80 },
          expect: "Denied",
        },
      ],
    },
  });
}

/** A run of the current spec that has just ended. */
function ended(
  { metadata, spec }: ConnectivityTest,
  { verdict, now }: { readonly verdict: Verdict; readonly now: Date },
): EndedRun {
  const run = probeRunSchema.parse({
    metadata: { name: "shop-one", namespace: "shop" },
    spec: {
      test: { kind: CONNECTIVITY_TEST.kind, name: metadata.name, uid: metadata.uid },
      run: {
        id: "one",
        trigger: "Generation",
        generation: metadata.generation,
        specDigest: specDigest(spec),
        followUp: false,
      },
      probing: spec.probing,
      expectations: [{ name: "a", expect: "Denied" }],
    },
  });
  const judged: EndedRun["verdicts"][number] = {
    name: "a",
    expected: "Denied",
    actual: verdict === "Failed" ? "Allowed" : "Denied",
    verdict,
    reason: REASONS[verdict],
    message: "as seen",
    pathCount: 0,
    paths: [],
  };
  return { run, verdicts: [judged], startedAt: now, finishedAt: now };
}

/** The test as the API server has it once the operator has written its status. */
function written(test: ConnectivityTest, input: Omit<StatusInput, "test">): ConnectivityTest {
  const status = nextStatus({ test, ...input });
  return connectivityTestSchema.parse(JSON.parse(JSON.stringify({ ...test, status })));
}

function changed(test: ConnectivityTest, spec: Partial<ConnectivityTest["spec"]>): ConnectivityTest {
  const { metadata } = test;
  return {
    ...test,
    metadata: { ...metadata, generation: metadata.generation + 1 },
    spec: { ...test.spec, ...spec },
  };
}
