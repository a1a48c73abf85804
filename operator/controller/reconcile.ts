import type { ConnectivityTest, Unreadable } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Problem } from "../../crds/reasons.ts";
import { externalMessage } from "../../probes/messageLength.ts";
import { createObserver } from "../cluster/observe.ts";
import type { ServedKinds } from "../cluster/policies/discovery.ts";
import { planCleanUp } from "../runs/cleanUp.ts";
import { createSourceRecheck } from "../runs/recheckSources.ts";
import { createTargetRecheck } from "../runs/recheckTargets.ts";
import { deleteAll } from "../runs/runClient.ts";
import { createRunWriter, type RunWriterOptions } from "../runs/runWriter.ts";
import { createTestRunSyncer, type TestRunSyncerOptions } from "../runs/syncTestRun.ts";
import { runsOfTest, unownedRunsOf, type RunCaches } from "../runs/testRuns.ts";
import { earliest } from "../runtime/clock.ts";
import { errorFields } from "../runtime/log.ts";
import { createPublisher, type PublisherOptions } from "./publish.ts";
import { createRunRepeater, type RunRepeaterOptions } from "./repeatRun.ts";
import { runStateOf } from "./runState.ts";
import { createRunStarter, type RunStarterOptions } from "./startRun.ts";
import { nextStatus } from "./status.ts";

type Made = "runs" | "observe";

export interface ReconcilerOptions
  extends
    Omit<RunStarterOptions, Made>,
    Omit<TestRunSyncerOptions, Made>,
    Omit<RunRepeaterOptions, "starter">,
    PublisherOptions {
  readonly tests: { get(key: string): ConnectivityTest | undefined };
  readonly runs: RunWriterOptions["cache"] & RunCaches["runs"];
  readonly pods: RunCaches["pods"];
  readonly grants: { get(key: string): ProbeGrant | undefined; values(): Iterable<ProbeGrant> };
  /** The kinds of policies that are read. */
  readonly policyKinds: ServedKinds;
}

export type Reconcile = (key: string) => Promise<{ requeueAfter?: number } | undefined>;

/**
 * Reconciles one test; called for every change of the test, its runs and its probe pods. It never waits: a later
 * change triggers another call. `requeueAfter` is in milliseconds.
 */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { api, tests, pods, grants, policyKinds, log, now } = options;
  const runs = createRunWriter({ api, cache: options.runs, now });
  const observe = createObserver(api, { grants, policyKinds });
  const starter = createRunStarter({ ...options, runs, observe });
  const repeatRun = createRunRepeater({ ...options, starter });
  const syncRun = createTestRunSyncer({ ...options, runs, observe });
  const recheckTargets = createTargetRecheck({ runs, observe });
  const recheckSources = createSourceRecheck({ api, runs, observe, policyKinds });
  const publish = createPublisher(options);

  async function step(test: ConnectivityTest) {
    const time = now();
    const testRuns = runsOfTest(test, { runs: options.runs, pods });
    const started = testRuns.active
      ? { run: runs.newest(testRuns.active) }
      : await starter.startDue(test, testRuns.ended, time);
    const synced = started.run && (await syncRun({ test, run: started.run, pods: testRuns.pods }, time));
    const targets = synced && (await recheckTargets(test, synced, time));
    const rechecked = targets && (await recheckSources(test, targets, time));
    const { requeueAt: repeatAt, ...state } = await repeatRun(test, runStateOf(rechecked), time);
    const status = nextStatus({
      test,
      ...state,
      ...("problem" in started && { problem: started.problem }),
      now: time,
    });
    await publish(test, status);
    const unneeded = planCleanUp(test, testRuns, time);
    await deleteAll(api, unneeded);
    const nextRunAt = rechecked || status.nextRunAt === undefined ? undefined : new Date(status.nextRunAt);
    return requeueAfter(
      [started.requeueAt, rechecked?.requeueAt, repeatAt, unneeded.requeueAt, nextRunAt],
      time,
    );
  }

  async function report(test: ConnectivityTest, unreadable: Unreadable) {
    log.warn("a test cannot be read", { test: keyOf(test.metadata), ...errorFields(unreadable.error) });
    await publish(test, nextStatus({ test, problem: notReadable(unreadable), now: now() }));
    return undefined;
  }

  return async (key) => {
    const test = tests.get(key);
    if (test && test.metadata.deletionTimestamp === undefined)
      return test.unreadable ? report(test, test.unreadable) : step(test);
    // What the test has left in other namespaces; owner references delete the rest.
    await deleteAll(api, { runs: unownedRunsOf(key, options.runs), pods: [] });
    return undefined;
  };
}

/** No run and no pod of such a test is changed: a version that can read the spec continues from their state. */
export function notReadable({ error }: Unreadable): Problem {
  const [issue] = error.issues;
  const field = ["spec", ...(issue?.path ?? [])].join(".");
  const action = "This version of the operator cannot read it: update the operator, or correct the spec";
  return {
    reason: "SpecNotReadable",
    message: externalMessage(`${field}: ${issue?.message ?? "invalid"}. ${action}`),
  };
}

function requeueAfter(times: readonly (Date | undefined)[], now: Date): { requeueAfter?: number } {
  const next = earliest(times);
  return next ? { requeueAfter: Math.max(0, next.getTime() - now.getTime()) } : {};
}
