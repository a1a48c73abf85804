import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { awayFrom, see, type RunCaches } from "../runs/testRuns.ts";
import { earliest } from "../runtime/clock.ts";
import { judge } from "../verdict/judge.ts";
import { createPublisher, type PublisherOptions } from "./publish.ts";
import { nextStatus } from "./status.ts";
import { createSteps, isEnded, type Advanced, type StepsOptions } from "./steps.ts";

export interface ReconcilerOptions extends Omit<StepsOptions, "runs">, PublisherOptions, RunCaches {
  readonly runs: StepsOptions["runs"] & RunCaches["runs"];
  readonly tests: { get(key: string): ConnectivityTest | undefined };
}

export type Reconcile = (key: string) => Promise<{ requeueAfter?: number } | undefined>;

/**
 * Brings one test one step further; called again for every change of the test, its runs and its probe pods. It never
 * waits: what is not there yet will call again. `requeueAfter` is in milliseconds.
 */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { tests, runs, pods, now } = options;
  const { begin, advance, lookBack, tidy, forget } = createSteps(options);
  const publish = createPublisher(options);
  return async (key) => {
    const test = tests.get(key);
    if (!test || test.metadata.deletionTimestamp !== undefined) {
      await forget(awayFrom(key, runs));
      return undefined;
    }
    const time = now();
    const seen = see(test, { runs, pods });
    const begun = seen.active ? { run: seen.active } : await begin(test, seen.ended, time);
    const looked = begun.run && (await advance({ test, run: begun.run, seen }, time));
    const advanced = looked && (await lookBack(test, looked, time));
    const status = nextStatus({
      test,
      ...standingOf(advanced),
      ...("problem" in begun && { problem: begun.problem }),
      now: time,
    });
    await publish(test, status);
    const tidied = await tidy(test, seen, time);
    const nextRunAt = advanced || status.nextRunAt === undefined ? undefined : new Date(status.nextRunAt);
    return requeueAt([begun.lookAgainAt, advanced?.lookAgainAt, tidied.lookAgainAt, nextRunAt], time);
  };
}

/** What the status has to say of the run under way: its verdicts if all looks at it have ended, else that it is there. */
function standingOf(advanced: Advanced | undefined) {
  if (!advanced) return {};
  const { run, witness, again } = advanced;
  const { id, trigger, request } = run.spec.run;
  const { finishedAt } = run.status;
  if (finishedAt === undefined || !isEnded(advanced)) {
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
