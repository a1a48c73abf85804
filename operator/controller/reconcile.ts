import type { ConnectivityTest, Unreadable } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Problem } from "../../crds/reasons.ts";
import { printable } from "../../probes/printable.ts";
import { createObserver } from "../cluster/observe.ts";
import { cleanUp } from "../runs/cleanUp.ts";
import { createTargetRecheck } from "../runs/recheckTargets.ts";
import { sweep } from "../runs/runClient.ts";
import { createRunWriter, type RunWriterOptions } from "../runs/runWriter.ts";
import {
  createTestRunSyncer,
  isEveryRunFinished,
  type SyncResult,
  type TestRunSyncerOptions,
} from "../runs/syncTestRun.ts";
import { awayFrom, see, type RunCaches } from "../runs/testRuns.ts";
import { earliest } from "../runtime/clock.ts";
import { errorFields } from "../runtime/log.ts";
import { judge } from "../verdict/judge.ts";
import { createPublisher, type PublisherOptions } from "./publish.ts";
import { createRunStarter, type RunStarterOptions } from "./startRun.ts";
import { nextStatus } from "./status.ts";

type Made = "runs" | "observe";

export interface ReconcilerOptions
  extends Omit<RunStarterOptions, Made>, Omit<TestRunSyncerOptions, Made>, PublisherOptions {
  readonly tests: { get(key: string): ConnectivityTest | undefined };
  readonly runs: RunWriterOptions["cache"] & RunCaches["runs"];
  readonly pods: RunCaches["pods"];
  readonly grants: { get(key: string): ProbeGrant | undefined; values(): Iterable<ProbeGrant> };
}

export type Reconcile = (key: string) => Promise<{ requeueAfter?: number } | undefined>;

/**
 * Brings one test one step further; called again for every change of the test, its runs and its probe pods. It never
 * waits: what is not there yet will call again. `requeueAfter` is in milliseconds.
 */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { api, tests, pods, grants, log, now } = options;
  const runs = createRunWriter({ api, cache: options.runs, now });
  const observe = createObserver(api, { grants });
  const startRun = createRunStarter({ ...options, runs, observe });
  const syncRun = createTestRunSyncer({ ...options, runs, observe });
  const recheckTargets = createTargetRecheck({ runs, observe });
  const publish = createPublisher(options);

  async function step(test: ConnectivityTest) {
    const time = now();
    const seen = see(test, { runs: options.runs, pods });
    const begun = seen.active ? { run: runs.newest(seen.active) } : await startRun(test, seen.ended, time);
    const synced = begun.run && (await syncRun({ test, run: begun.run, pods: seen.pods }, time));
    const advanced = synced && (await recheckTargets(test, synced, time));
    const status = nextStatus({
      test,
      ...standingOf(advanced),
      ...("problem" in begun && { problem: begun.problem }),
      now: time,
    });
    await publish(test, status);
    const unneeded = cleanUp(test, seen, time);
    await sweep(api, unneeded);
    const nextRunAt = advanced || status.nextRunAt === undefined ? undefined : new Date(status.nextRunAt);
    return requeueAt([begun.lookAgainAt, advanced?.lookAgainAt, unneeded.lookAgainAt, nextRunAt], time);
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
    await sweep(api, { runs: awayFrom(key, options.runs), pods: [] });
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
    message: printable(`${field}: ${issue?.message ?? "invalid"}. ${action}`, 512),
  };
}

/** What the status has to say of the run under way: its verdicts if all looks at it have ended, else that it is there. */
function standingOf(advanced: SyncResult | undefined) {
  if (!advanced) return {};
  const { run, witness, again } = advanced;
  const { id, trigger, request } = run.spec.run;
  const { finishedAt } = run.status;
  if (finishedAt === undefined || !isEveryRunFinished(advanced)) {
    const home = run.metadata.namespace;
    return { active: { id, trigger, home, ...(request !== undefined && { request }) } };
  }
  const startedAt = new Date(run.metadata.creationTimestamp ?? finishedAt);
  const ends = [witness, again?.run, again?.witness].flatMap((record) => record?.status.finishedAt ?? []);
  const end = latest([finishedAt, ...ends]);
  return { ended: { run, verdicts: judge(run, witness, again), startedAt, finishedAt: end } };
}

const latest = (times: readonly string[]) => new Date(Math.max(...times.map((time) => Date.parse(time))));

function requeueAt(times: readonly (Date | undefined)[], now: Date): { requeueAfter?: number } {
  const next = earliest(times);
  return next ? { requeueAfter: Math.max(0, next.getTime() - now.getTime()) } : {};
}
