import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { readTest } from "../../crds/readtest.ts";
import { reasonSchema } from "../../crds/reasons.ts";
import { notReadable } from "../controller/reconcile.ts";
import { planRun } from "../planning/plan.ts";
import { scheduleProblem } from "../status/schedule.ts";
import { nextStatus, type StatusInput } from "../status/status.ts";
import { BEGAN, connectivityTest, expectation, later, pod, snapshot } from "./objects.ts";
import { endedRun } from "./statuses.ts";

export interface ReportedStatus {
  readonly reason: string | undefined;
  readonly message: string;
}

/**
 * The parts of a message that a user needs: source, target, port, observation, since when, and what to check next.
 * There is one for each reason, so that no reason can be added without one.
 */
export interface Diagnosis extends ReportedStatus {
  /** Left out where the whole test is concerned: then there is neither, and `changedAt` in place of a time in the message. */
  readonly path?: { readonly source: string; readonly target: string; readonly port: string };
  readonly seen: string;
  /** Left out where there is nothing to be done. */
  readonly next?: string;
  /** The `lastTransitionTime` of the condition. */
  readonly changedAt?: string | undefined;
  /** When the status was written. Default: at the end of the run. */
  readonly at?: Date;
}

const test = connectivityTest({ metadata: { name: "net" } });

/** A state of the whole test. */
function ofTest(input: Partial<StatusInput>, seen: string, next: string): Diagnosis {
  const at = input.now ?? later(20_000);
  const status = nextStatus({ test, ...input, now: at });
  const condition = status.conditions?.find(({ type }) => type === "Passed");
  const reason = reasonSchema.parse(condition?.reason);
  return {
    reason,
    message: condition?.message ?? "",
    seen,
    next,
    changedAt: condition?.lastTransitionTime,
    at,
  };
}

const many = Array.from({ length: 300 }, (_, index) => pod(`p${index}`, { labels: { app: "ui" } }));
const tooMany = planRun({
  test: connectivityTest({ spec: { expectations: [expectation({ to: { ip: "192.0.2.1" }, icmp: {} })] } }),
  run: { id: "abc", trigger: "Generation" },
  snapshot: snapshot({ pods: many }),
  witness: { enabled: true, allow: [] },
});

const hourly = connectivityTest({ spec: { schedule: { every: "1h" } } });

/** A situation for each reason of a whole test, and the required parts of its message. */
export const TEST_DIAGNOSES = {
  InProgress: () =>
    ofTest(
      { active: { id: "k3f9q", trigger: "Generation" } },
      "run k3f9q of generation 1 is in progress",
      "Check ProbeRun net-k3f9q",
    ),
  Queued: () =>
    ofTest(
      { queued: { trigger: "Generation", status: { since: BEGAN, waitsFor: "NamespaceLimit" } } },
      "the next run of generation 1 is queued since 2026-11-21T12:00:00.000Z, until other runs of its namespace have ended",
      "It starts by itself",
    ),
  Expired: () =>
    ofTest(
      { test: hourly, ended: endedRun(["Passed"]), now: later(3 * 3_600_000) },
      "the verdict Passed of run k3f9q was valid until 2026-11-21T14:00:20.000Z, and no run has ended since",
      "See nextRunAt",
    ),
  TooManyPaths: () =>
    ofTest(
      "problem" in tooMany ? { problem: tooMany.problem } : {},
      "the spec expands to 300 paths",
      "Narrow its selectors or split the test",
    ),
  InvalidSchedule: () => {
    const problem = scheduleProblem({ cron: "61 * * * *" });
    return ofTest(problem ? { problem } : {}, 'cron "61 * * * *"', "Correct it; until then no run starts");
  },
  SpecNotReadable: () => {
    const stored = { ...test, spec: { ...test.spec, rerunOn: ["NodeChange"] } };
    const { unreadable } = readTest(connectivityTestSchema, stored);
    return ofTest(
      unreadable ? { problem: notReadable(unreadable) } : {},
      "spec.rerunOn.0: Invalid option",
      "update the operator, or correct the spec",
    );
  },
  Suspended: () =>
    ofTest(
      { test: connectivityTest({ spec: { suspend: true } }) },
      "spec.suspend is true",
      "No run starts until it is false",
    ),
} as const;
