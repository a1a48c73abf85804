import { kindOf, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import { attemptOf, type ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { externalMessage } from "../../probes/messageLength.ts";
import type { Observe } from "../cluster/observe.ts";
import { runId } from "../planning/names.ts";
import { planRun, type RunPlan } from "../planning/plan.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { orRejection } from "../runs/runClient.ts";
import { identityOfRun, type RunWriter } from "../runs/runWriter.ts";
import { ApiError, isForbidden } from "../runtime/apiError.ts";
import { later } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { changedDependency, dependenciesOf, type DependencyState } from "./dependencyDigest.ts";
import { dueRun, type Due } from "./dueRun.ts";

/** The delay in milliseconds until a run that the API server rejected is planned again, which takes a few lists. */
const RUN_RETRY = 30_000;
/** The delay in milliseconds until a spec that cannot be run is planned again, because its workloads may have changed. */
const PROBLEM_RETRY = 300_000;

export interface RunStarterOptions {
  readonly runs: RunWriter;
  readonly observe: Observe;
  readonly witness: WitnessSettings;
  /** The operator's own namespace, which has the runs of ClusterConnectivityTests. */
  readonly operatorNamespace: string;
  /** The current state of the dependencies of verdicts, besides the tests. */
  readonly dependencyState: () => DependencyState;
  readonly log: Log;
}

export interface StartResult {
  readonly run?: ProbeRun;
  readonly problem?: Problem;
  readonly requeueAt?: Date;
}

export interface RunStarter {
  /**
   * Starts the run that is due, if any. `ended` is the last run that ended; it has the dependencies of its verdict.
   */
  readonly startDue: (test: ConnectivityTest, ended: ProbeRun | undefined, now: Date) => Promise<StartResult>;
  /** Starts the next attempt of a run that has ended. */
  readonly startAgain: (test: ConnectivityTest, run: ProbeRun, now: Date) => Promise<StartResult>;
}

interface RunCause extends Due {
  /** The id of the run before. */
  readonly after: string | undefined;
  readonly attempt?: number;
}

/** Each start observes the cluster, plans, and writes the plan as a ProbeRun. */
export function createRunStarter(options: RunStarterOptions): RunStarter {
  const { runs, observe, witness, operatorNamespace, dependencyState, log } = options;

  /**
   * The change since the last run started, among those that the test names in `rerunOn`. If no ProbeRun records what the
   * last verdict depends on (it was deleted, or an earlier version created it), anything may have changed.
   */
  function changeFor({ spec: { rerunOn } }: ConnectivityTest, ended: ProbeRun | undefined) {
    const [trigger] = rerunOn ?? [];
    if (rerunOn === undefined || trigger === undefined) return undefined;
    const dependencies = ended?.spec.dependencies;
    return dependencies
      ? changedDependency(dependencies, rerunOn, dependencyState())
      : { trigger, digest: "unknown" };
  }

  /** The plan, with the dependencies of its verdict if the test names changes in `rerunOn`. */
  function withDependencies({ spec: { rerunOn } }: ConnectivityTest, { spec, dependencyScope }: RunPlan) {
    return rerunOn ? { ...spec, dependencies: dependenciesOf(dependencyScope, dependencyState()) } : spec;
  }

  async function start(test: ConnectivityTest, cause: RunCause, now: Date): Promise<StartResult> {
    const { uid, generation, name } = test.metadata;
    const { key, trigger, request, after, attempt } = cause;
    const runNamespace = test.metadata.namespace || operatorNamespace;
    const id = runId({ uid, generation, key, after });
    const known = runs.get(
      identityOfRun(runNamespace, { test: { kind: kindOf(test).kind, name, uid }, run: { id } }),
    );
    if (known) return { run: known };
    const snapshot = await orForbidden(observe(test));
    if (snapshot instanceof ApiError) {
      log.warn("a run cannot be planned", { test: keyOf(test.metadata), run: id, error: snapshot.message });
      return { problem: missingRight(snapshot), requeueAt: later(now, RUN_RETRY) };
    }
    const planned = planRun({
      test,
      runNamespace,
      run: {
        id,
        trigger,
        ...(attempt !== undefined && { attempt }),
        ...(request !== undefined && { request }),
      },
      snapshot,
      witness,
    });
    if ("problem" in planned) return { problem: planned.problem, requeueAt: later(now, PROBLEM_RETRY) };
    const spec = withDependencies(test, planned);
    const run = await orRejection(runs.create(identityOfRun(runNamespace, spec), spec));
    if (run instanceof ApiError) {
      log.warn("run rejected", { test: keyOf(test.metadata), run: id, error: run.message });
      return { problem: rejectionProblem(run), requeueAt: later(now, RUN_RETRY) };
    }
    log.info("run started", { test: keyOf(test.metadata), run: id, trigger, paths: spec.paths.length });
    return { run };
  }

  return {
    async startDue(test, ended, now) {
      const due = dueRun(test, now, changeFor(test, ended));
      if (!due) return {};
      if ("problem" in due) return { problem: due.problem };
      return start(test, { ...due, after: test.status.run?.id }, now);
    },
    async startAgain(test, ended, now) {
      const { id, trigger, request } = ended.spec.run;
      const attempt = attemptOf(ended) + 1;
      const cause = { key: `attempt:${attempt}`, trigger, attempt, after: id };
      return start(test, { ...cause, ...(request !== undefined && { request }) }, now);
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
 * installed kind of policy. The API server's message names the verb, the resource and the group.
 */
function missingRight({ message }: ApiError): Problem {
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
