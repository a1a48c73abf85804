import { kindOf, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { printable } from "../../probes/printable.ts";
import type { Observe } from "../cluster/observe.ts";
import { runId } from "../planning/names.ts";
import { planRun, type RunPlan } from "../planning/plan.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { orRejection } from "../runs/runClient.ts";
import { identityOfRun, type RunWriter } from "../runs/runWriter.ts";
import { ApiError } from "../runtime/api.ts";
import { later } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { changedDependency, dependenciesOf, type DependencyState } from "./dependencyDigest.ts";
import { dueRun } from "./dueRun.ts";

/** How soon a run that the API server refused is planned and asked for again, which takes a few lists, in milliseconds. */
const RUN_RETRY = 30_000;
/** How soon a spec that cannot be run is looked at again, since its workloads may have changed, in milliseconds. */
const PROBLEM_RETRY = 300_000;

export interface RunStarterOptions {
  readonly runs: RunWriter;
  readonly observe: Observe;
  readonly witness: WitnessSettings;
  /** The operator's own namespace, the home of the runs of ClusterConnectivityTests. */
  readonly operatorNamespace: string;
  /** What verdicts rest on beside the tests, as it is now. */
  readonly dependencyState: () => DependencyState;
  readonly log: Log;
}

export interface StartResult {
  readonly run?: ProbeRun;
  readonly problem?: Problem;
  readonly requeueAt?: Date;
}

/** The last run that `ended` says what its verdict rests on. */
export type StartRun = (
  test: ConnectivityTest,
  ended: ProbeRun | undefined,
  now: Date,
) => Promise<StartResult>;

/** Starts the run that is due, if any: observes the cluster, plans, and writes the plan down as a ProbeRun. */
export function createRunStarter(options: RunStarterOptions): StartRun {
  const { runs, observe, witness, operatorNamespace, dependencyState, log } = options;

  /** What has changed since the last run began, of what the test asks about. */
  function changeFor({ spec: { rerunOn } }: ConnectivityTest, ended: ProbeRun | undefined) {
    const dependencies = ended?.spec.dependencies;
    return rerunOn && dependencies && changedDependency(dependencies, rerunOn, dependencyState());
  }

  /** The plan, with what its verdict will rest on where the test asks about that. */
  function withDependencies({ spec: { rerunOn } }: ConnectivityTest, { spec, dependencyScope }: RunPlan) {
    return rerunOn ? { ...spec, dependencies: dependenciesOf(dependencyScope, dependencyState()) } : spec;
  }

  return async (test, ended, now) => {
    const due = dueRun(test, now, changeFor(test, ended));
    if (!due) return {};
    if ("problem" in due) return { problem: due.problem };
    const { uid, generation, name } = test.metadata;
    const { key, trigger, request } = due;
    const runNamespace = test.metadata.namespace || operatorNamespace;
    const id = runId({ uid, generation, key, after: test.status.run?.id });
    const known = runs.get(
      identityOfRun(runNamespace, { test: { kind: kindOf(test).kind, name, uid }, run: { id } }),
    );
    if (known) return { run: known };
    const snapshot = await observe(test);
    const planned = planRun({
      test,
      runNamespace,
      run: { id, trigger, ...(request !== undefined && { request }) },
      snapshot,
      witness,
    });
    if ("problem" in planned) return { problem: planned.problem, requeueAt: later(now, PROBLEM_RETRY) };
    const spec = withDependencies(test, planned);
    const run = await orRejection(runs.create(identityOfRun(runNamespace, spec), spec));
    if (run instanceof ApiError) {
      log.warn("run refused", { test: keyOf(test.metadata), run: id, error: run.message });
      return { problem: rejectionProblem(run), requeueAt: later(now, RUN_RETRY) };
    }
    log.info("run begun", { test: keyOf(test.metadata), run: id, trigger, paths: spec.paths.length });
    return { run };
  };
}

/** A run that the API server will not have (quota, admission, a namespace on its way out) says nothing, and the last one nothing any more. */
function rejectionProblem({ message }: ApiError): Problem {
  return { reason: "ProbeNotRun", message: printable(`the run could not begin: ${message}`, 512) };
}
