import { kindOf, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { attemptOf, type ProbeRun, type ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import type { WaitsFor } from "../../crds/teststatus.ts";
import { externalMessage } from "../../probes/messageLength.ts";
import type { Observe } from "../cluster/observe.ts";
import { runId } from "../planning/names.ts";
import { planRun, type RunPlan } from "../planning/plan.ts";
import { podDemandsOf } from "../planning/podDemand.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { orRejection } from "../runs/runClient.ts";
import { identityOfRun, type RunWriter } from "../runs/runWriter.ts";
import { ApiError, isForbidden } from "../runtime/apiError.ts";
import { later } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { secondsQueued, type WaitingRun } from "../status/queuedRun.ts";
import {
  changedDependency,
  dependenciesOf,
  type DependencyChange,
  type DependencyState,
  type HeldChange,
} from "./dependencyDigest.ts";
import { dueRun, type Due } from "./dueRun.ts";
import type { RunQueue } from "./runQueue.ts";

/** The delay in milliseconds until a run that the API server rejected is planned again, which takes a few lists. */
const RUN_RETRY = 30_000;
/** The delay in milliseconds until a spec that cannot be run is planned again, because its workloads may have changed. */
const PROBLEM_RETRY = 300_000;
/** How often the status of a queued run is brought up to date, in milliseconds. Its turn does not wait for that. */
const QUEUE_UPDATE = 30_000;

export interface RunStarterOptions {
  readonly runs: RunWriter;
  readonly observe: Observe;
  readonly witness: WitnessSettings;
  /** The operator's own namespace, which has the runs of ClusterConnectivityTests. */
  readonly operatorNamespace: string;
  /** The current state of the dependencies of verdicts, besides the tests. */
  readonly dependencyState: () => DependencyState;
  /** Admits the runs whose pods have room. */
  readonly queue: RunQueue;
  /** Called for each started attempt, with the seconds that it was queued. For metrics. */
  readonly onStarted: (queuedSeconds: number) => void;
  readonly log: Log;
}

export interface StartResult {
  readonly run?: ProbeRun;
  readonly problem?: Problem;
  /** Set if the run waits for its turn. It has no plan yet, and leaves nothing if its test is deleted. */
  readonly queued?: WaitingRun;
  readonly requeueAt?: Date;
  /** Whether the run for another pod template, which the test requests in `rerunOn`, waits for the end of the rollout. */
  readonly isRollingOut?: boolean;
}

export interface StartInput {
  /** The last run that ended; it has the dependencies of its verdict. */
  readonly ended: ProbeRun | undefined;
  /** The tokens that wait for a run, the oldest first. */
  readonly requests: readonly string[];
}

export interface RunStarter {
  /**
   * Starts the run that is due, if any.
   */
  readonly startDue: (test: ConnectivityTest, input: StartInput, now: Date) => Promise<StartResult>;
  /** Starts the next attempt of a run that has ended. It is queued before all runs that are due since that attempt started. */
  readonly startAgain: (test: ConnectivityTest, run: ProbeRun, now: Date) => Promise<StartResult>;
}

/** A start, and its time. */
interface Start {
  readonly cause: RunCause;
  readonly now: Date;
}

interface PlannedSpec {
  readonly runNamespace: string;
  readonly spec: ProbeRunSpec;
}

interface RunCause extends Due {
  /** The id of the run before. */
  readonly after: string | undefined;
  readonly attempt?: number;
  /** What its place in the queue counts from. Default: when it was due. */
  readonly queuedFrom?: Date;
  /** How long the attempts before were queued. */
  readonly secondsBefore?: number;
}

/**
 * Each start waits for its turn in the queue, then observes the cluster, plans, and writes the plan as a ProbeRun. A run that has
 * to wait although it was planned is planned again at its turn, so no plan is older than its run.
 */
export function createRunStarter(options: RunStarterOptions): RunStarter {
  const { runs, observe, witness, operatorNamespace, dependencyState, queue, onStarted, log } = options;

  /**
   * The change since the last run started, among those that the test names in `rerunOn`. If no ProbeRun records what the
   * last verdict depends on (it was deleted, or an earlier version created it), anything may have changed.
   */
  function changeFor(
    { spec: { rerunOn } }: ConnectivityTest,
    ended: ProbeRun | undefined,
    now: Date,
  ): DependencyChange | HeldChange | undefined {
    const [trigger] = rerunOn ?? [];
    if (rerunOn === undefined || trigger === undefined) return undefined;
    const dependencies = ended?.spec.dependencies;
    return dependencies
      ? changedDependency(dependencies, { rerunOn, state: dependencyState(), now })
      : { trigger, digest: "unknown" };
  }

  /** The plan, with the dependencies of its verdict if the test names changes in `rerunOn`. */
  function withDependencies({ spec: { rerunOn } }: ConnectivityTest, { spec, dependencyScope }: RunPlan) {
    return rerunOn ? { ...spec, dependencies: dependenciesOf(dependencyScope, dependencyState()) } : spec;
  }

  /** Without the right to watch Rollouts, the verdict would outlast a change that the test asks to be run for. */
  function missingRight({ spec: { rerunOn = [] } }: ConnectivityTest, { hasArgoRollout }: RunPlan) {
    return hasArgoRollout && rerunOn.includes("WorkloadChange") ? dependencyState().missingRight : undefined;
  }

  function waiting(test: ConnectivityTest, waitsFor: WaitsFor, { cause, now }: Start): StartResult {
    const { trigger, requests, attempt } = cause;
    const about = { ...(requests && { requests }), ...(attempt !== undefined && { attempt }) };
    const status = { since: test.status.queued?.since ?? now.toISOString(), waitsFor };
    return { queued: { trigger, ...about, status }, requeueAt: later(now, QUEUE_UPDATE) };
  }

  async function start(test: ConnectivityTest, cause: RunCause, now: Date): Promise<StartResult> {
    const { uid, generation, name, namespace } = test.metadata;
    const { key, after, queuedFrom = new Date(test.status.queued?.since ?? now) } = cause;
    const runNamespace = namespace || operatorNamespace;
    const id = runId({ uid, generation, key, after });
    const known = runs.get(
      identityOfRun(runNamespace, { test: { kind: kindOf(test).kind, name, uid }, run: { id } }),
    );
    if (known) return { run: known };
    const testKey = keyOf(test.metadata);
    const isAwaited = cause.trigger !== "Schedule";
    queue.enter({ key: testKey, namespace, since: queuedFrom.getTime(), isAwaited });
    const waitsForTurn = queue.obstacleOf(testKey);
    if (waitsForTurn) return waiting(test, waitsForTurn, { cause, now });
    const planned = await plan(test, { id, runNamespace, cause, now });
    if ("problem" in planned) return planned;
    const pods = podDemandsOf({ metadata: { namespace: runNamespace }, spec: planned });
    const waitsForRoom = await queue.admit(testKey, pods, now);
    if (waitsForRoom) return waiting(test, waitsForRoom, { cause, now });
    return create(test, { runNamespace, spec: planned, now });
  }

  async function plan(
    test: ConnectivityTest,
    { id, runNamespace, cause, now }: Start & { readonly id: string; readonly runNamespace: string },
  ): Promise<ProbeRunSpec | (StartResult & { readonly problem: Problem })> {
    const { trigger, requests, attempt, secondsBefore = 0 } = cause;
    const queuedSeconds = secondsBefore + secondsQueued(test.status.queued, now);
    const snapshot = await orForbidden(observe(test));
    if (snapshot instanceof ApiError) {
      log.warn("a run cannot be planned", { test: keyOf(test.metadata), run: id, error: snapshot.message });
      return { problem: problemOf(snapshot), requeueAt: later(now, RUN_RETRY) };
    }
    const run = {
      id,
      trigger,
      ...(attempt !== undefined && { attempt }),
      ...(queuedSeconds > 0 && { queuedSeconds }),
      ...(requests && { requests: [...requests] }),
    };
    const planned = planRun({ test, runNamespace, run, snapshot, witness });
    if ("problem" in planned) return { problem: planned.problem, requeueAt: later(now, PROBLEM_RETRY) };
    const lacking = missingRight(test, planned);
    if (lacking) return { problem: problemOf(lacking), requeueAt: later(now, RUN_RETRY) };
    return withDependencies(test, planned);
  }

  async function create(
    test: ConnectivityTest,
    { runNamespace, spec, now }: Omit<Start, "cause"> & PlannedSpec,
  ): Promise<StartResult> {
    const about = { test: keyOf(test.metadata), run: spec.run.id };
    const created = runs.create(identityOfRun(runNamespace, spec), spec);
    const run = await orRejection(created).catch((error: unknown) => {
      queue.release(about.test);
      throw error;
    });
    if (run instanceof ApiError) {
      log.warn("run rejected", { ...about, error: run.message });
      return { problem: rejectionProblem(run), requeueAt: later(now, RUN_RETRY) };
    }
    const { trigger, queuedSeconds = 0 } = spec.run;
    log.info("run started", { ...about, trigger, paths: spec.paths.length, queuedSeconds });
    onStarted(secondsQueued(test.status.queued, now));
    return { run };
  }

  return {
    async startDue(test, { ended, requests }, now) {
      const change = changeFor(test, ended, now);
      const held = change && "heldUntil" in change ? change : undefined;
      const due = dueRun(test, {
        now,
        requests,
        ...(change && "trigger" in change && { change }),
      });
      if (!due) return held ? { requeueAt: held.heldUntil, isRollingOut: held.hasOtherTemplate } : {};
      if ("problem" in due) return { problem: due.problem };
      return start(test, { ...due, after: test.status.run?.id }, now);
    },
    async startAgain(test, ended, now) {
      const { id, trigger, requests, queuedSeconds: secondsBefore = 0 } = ended.spec.run;
      const attempt = attemptOf(ended) + 1;
      const queuedFrom = new Date(ended.metadata.creationTimestamp ?? now);
      const cause = { key: `attempt:${attempt}`, trigger, attempt, after: id, queuedFrom, secondsBefore };
      return start(test, { ...cause, ...(requests && { requests }) }, now);
    },
  };
}

async function orForbidden<Value>(read: Promise<Value>): Promise<Value | ApiError> {
  return read.catch((error: unknown) => {
    if (isForbidden(error)) return error;
    throw error;
  });
}

/**
 * Returns the problem of a run that cannot be planned, because the operator may not read all that can decide, such as an
 * installed kind of policy, or not watch a workload of the test. The API server's message names the verb, the resource and the group.
 */
function problemOf({ message }: ApiError): Problem {
  return {
    reason: "ProbeNotRun",
    message: `no run is planned: ${externalMessage(message)}. Give the operator this right, as manifests/rbac.yaml does`,
  };
}

/**
 * Returns the problem of a run that the API server rejected (quota, admission, a terminating namespace). Such a run
 * has no verdict, and the verdict of the last one no longer counts.
 */
function rejectionProblem({ message }: ApiError): Problem {
  return { reason: "ProbeNotRun", message: externalMessage(`the run could not start: ${message}`) };
}
