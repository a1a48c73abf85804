import type { ConnectivityTest, Unreadable } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Problem } from "../../crds/reasons.ts";
import { externalMessage } from "../../probes/messageLength.ts";
import { createObserver } from "../cluster/observe.ts";
import { createFollowUpObserver } from "../cluster/observeFollowUp.ts";
import { createSourceObserver } from "../cluster/observeSources.ts";
import type { ServedKinds } from "../cluster/policies/discovery.ts";
import { planCleanUp } from "../runs/cleanUp.ts";
import { keyOfRun } from "../runs/ownerKeys.ts";
import { createSourceRecheck } from "../runs/recheckSources.ts";
import { createTargetRecheck } from "../runs/recheckTargets.ts";
import { deleteAll } from "../runs/runClient.ts";
import { createRunWriter, type RunWriterOptions } from "../runs/runWriter.ts";
import { createTestRunSyncer, type TestRunSyncerOptions } from "../runs/syncTestRun.ts";
import { runsOfTest, unownedRunsOf, type RunCaches } from "../runs/testRuns.ts";
import { earliest } from "../runtime/clock.ts";
import { errorFields } from "../runtime/log.ts";
import { openRequests } from "../status/requests.ts";
import { nextStatus } from "../status/status.ts";
import type { PodGates } from "./podGates.ts";
import { createPublisher, type PublisherOptions } from "./publish.ts";
import { restoreQueue, updateQueue, type QueueSources } from "./queueState.ts";
import { createRunRepeater, type RunRepeaterOptions } from "./repeatRun.ts";
import type { RequestLog } from "./requestLog.ts";
import { runStateOf } from "./runState.ts";
import { createRunStarter, type RunStarterOptions, type StartResult } from "./startRun.ts";

type Made = "runs" | "observe" | "observeFollowUp";

export interface ReconcilerOptions
  extends
    Omit<RunStarterOptions, Made>,
    Omit<TestRunSyncerOptions, Made>,
    Omit<RunRepeaterOptions, "starter">,
    PublisherOptions {
  readonly tests: QueueSources["tests"];
  readonly runs: RunWriterOptions["cache"] & RunCaches["runs"];
  readonly pods: RunCaches["pods"];
  readonly requestLog: Pick<RequestLog, "tokensOf">;
  /** The requests for pods with a readiness gate. */
  readonly podGates: Pick<PodGates, "requestsOf">;
  readonly grants: { get(key: string): ProbeGrant | undefined; values(): Iterable<ProbeGrant> };
  /** The kinds of policies that are read. */
  readonly policyKinds: ServedKinds;
  /** The operator's own pod. For the log. */
  readonly operatorPod: string;
}

export type Reconcile = (key: string) => Promise<{ requeueAfter?: number } | undefined>;

/**
 * Reconciles one test; called for every change of the test, its runs and its probe pods. It never waits: a later
 * change triggers another call. `requeueAfter` is in milliseconds.
 */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { api, tests, pods, grants, policyKinds, queue, log, now } = options;
  const runs = createRunWriter({ api, cache: options.runs, now });
  const reads = { ...api, runs: options.runs };
  const observe = createObserver(reads, { grants, policyKinds });
  const observeFollowUp = createFollowUpObserver(reads, observe);
  const observeSources = createSourceObserver(reads, { observe, policyKinds });
  const starter = createRunStarter({ ...options, runs, observe });
  const repeatRun = createRunRepeater({ ...options, starter });
  const syncRun = createTestRunSyncer({ ...options, runs, observeFollowUp });
  const recheckTargets = createTargetRecheck({ runs, observe });
  const recheckSources = createSourceRecheck({ runs, observeSources });
  const publish = createPublisher(options);

  const noticedOf = ({ metadata }: ConnectivityTest) => options.requestLog.tokensOf(metadata.uid);

  /** Creates the pods of a run, records their results, and checks again what its plan was made from. */
  async function advance(run: Parameters<typeof syncRun>[0], time: Date) {
    const targets = await recheckTargets(run.test, await syncRun(run, time), time);
    return recheckSources(run.test, targets, time);
  }

  async function step(test: ConnectivityTest) {
    const time = now();
    const { tokens, retryAt } = options.podGates.requestsOf(test, time);
    const noticed = [...noticedOf(test), ...tokens];
    const requests = openRequests(test, noticed).waiting;
    const testRuns = runsOfTest(test, { runs: options.runs, pods });
    const started: StartResult = testRuns.active
      ? { run: runs.newest(testRuns.active) }
      : await starter.startDue(test, { ended: testRuns.ended, requests }, time);
    const current = started.run && (await advance({ test, run: started.run, pods: testRuns.pods }, time));
    const { requeueAt: repeatAt, ...state } = await repeatRun(
      test,
      { state: runStateOf(current), requests },
      time,
    );
    const queued = state.queued ?? started.queued;
    const startsEndAt = updateQueue(queue, test, {
      ...state,
      queued,
      current,
      pods: testRuns.pods,
      now: time,
    });
    const status = nextStatus({ test, ...state, ...started, queued, noticed, now: time });
    await publish(test, status);
    const unneeded = planCleanUp(test, testRuns, time);
    await deleteAll(api, unneeded);
    // A run that is due already waits for its turn, or for the end of the one in progress.
    const isDue = current !== undefined || queued !== undefined;
    const nextRunAt = isDue || status.nextRunAt === undefined ? undefined : new Date(status.nextRunAt);
    const expiresAt = laterThan(time, status.validUntil);
    return requeueAfter(
      [
        started.requeueAt,
        current?.requeueAt,
        repeatAt,
        startsEndAt,
        unneeded.requeueAt,
        nextRunAt,
        expiresAt,
        retryAt,
      ],
      time,
    );
  }

  let isRestored = false;

  /** Restores the queue. What is in progress then, another replica has started, or this one before it was restarted. */
  function takeOver() {
    for (const run of restoreQueue(queue, { tests, runs: options.runs, pods, now: now() }))
      log.info("run taken over", { test: keyOfRun(run), run: run.spec.run.id, by: options.operatorPod });
    isRestored = true;
  }

  /** Every later reconcile keeps the queue up to date. A run whose reconcile fails is queued again when it is retried. */
  async function stepInQueue(test: ConnectivityTest) {
    try {
      return await step(test);
    } catch (error) {
      queue.leave(keyOf(test.metadata));
      throw error;
    }
  }

  async function report(test: ConnectivityTest, unreadable: Unreadable) {
    log.warn("a test cannot be read", { test: keyOf(test.metadata), ...errorFields(unreadable.error) });
    await publish(
      test,
      nextStatus({ test, problem: notReadable(unreadable), noticed: noticedOf(test), now: now() }),
    );
    return undefined;
  }

  return async (key) => {
    if (!isRestored) takeOver();
    const test = tests.get(key);
    const isPresent = test !== undefined && test.metadata.deletionTimestamp === undefined;
    if (isPresent && !test.unreadable) return stepInQueue(test);
    queue.leave(key);
    queue.release(key);
    if (isPresent && test.unreadable) return report(test, test.unreadable);
    // What the test has left in other namespaces; owner references delete the rest.
    await deleteAll(api, { runs: unownedRunsOf(key, options.runs), pods: [] });
    return undefined;
  };
}

/** No run and no pod of such a test is changed: a version that can read the spec continues from their state. */
export function notReadable({ error }: Unreadable): Problem {
  const [issue] = error.issues;
  const field = ["spec", ...(issue?.path ?? [])].join(".");
  // A rule that it violates, such as one that came with this version. Otherwise the field has another form than is known.
  const action =
    issue?.code === "custom"
      ? "This version of the operator rejects it. Correct the spec; until then no run starts"
      : "This version of the operator cannot read it: update the operator, or correct the spec";
  return {
    reason: "SpecNotReadable",
    message: externalMessage(`${field}: ${issue?.message ?? "invalid"}. ${action}`),
  };
}

/** A time that has passed is no reason for another reconcile. */
function laterThan(now: Date, time: string | undefined): Date | undefined {
  const date = time === undefined ? undefined : new Date(time);
  return date && date > now ? date : undefined;
}

function requeueAfter(times: readonly (Date | undefined)[], now: Date): { requeueAfter?: number } {
  const next = earliest(times);
  return next ? { requeueAfter: Math.max(0, next.getTime() - now.getTime()) } : {};
}
