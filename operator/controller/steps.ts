import { kindOf, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/object.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { ProbeRun } from "../../crds/proberun.ts";
import type { Problem } from "../../crds/reasons.ts";
import { printable } from "../../probes/printable.ts";
import { createObserver } from "../cluster/observe.ts";
import { createSecondObserver } from "../cluster/observeFollowUp.ts";
import { runId } from "../planning/names.ts";
import { planRun, type Planned } from "../planning/plan.ts";
import type { WitnessSettings } from "../planning/witnessPlacement.ts";
import { cleanUp, type CleanUp } from "../runs/cleanUp.ts";
import { learnedFrom, planSecondLook, wanting } from "../runs/followUpRun.ts";
import { lookBack } from "../runs/recheckTargets.ts";
import { orRefusal, sweep, unheard, type PodSettings } from "../runs/runClient.ts";
import { createRunWriter, homeRun, leftOver, type RunWriterOptions } from "../runs/runWriter.ts";
import { createAdvancer, isOver, type AdvancedLook } from "../runs/syncRun.ts";
import { isOlder, type Seen } from "../runs/testRuns.ts";
import { ApiError, type Api } from "../runtime/api.ts";
import { earliest, later } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Look } from "../verdict/judge.ts";
import { trialOf } from "../verdict/judgePath.ts";
import { changeSince, premisesOf, type Ground } from "./dependencyDigest.ts";
import { dueRun } from "./dueRun.ts";

/** How soon a run that the API server refused is planned and asked for again, which takes a few lists, in milliseconds. */
const ASK_FOR_RUN_AGAIN = 30_000;
/** How soon a spec that cannot be run is looked at again, since its workloads may have changed, in milliseconds. */
const LOOK_AT_PROBLEM_AGAIN = 300_000;

export interface StepsOptions {
  readonly api: Api;
  readonly settings: PodSettings;
  readonly witness: WitnessSettings;
  /** The operator's own namespace, the home of the runs of ClusterConnectivityTests. */
  readonly operatorNamespace: string;
  /** The ProbeRuns of the cluster. */
  readonly runs: RunWriterOptions["cache"];
  readonly grants: { get(key: string): ProbeGrant | undefined; values(): Iterable<ProbeGrant> };
  /** What verdicts rest on beside the tests, as it is now. */
  readonly ground: () => Ground;
  readonly log: Log;
  readonly now: () => Date;
}

export interface Begun {
  readonly run?: ProbeRun;
  readonly problem?: Problem;
  readonly lookAgainAt?: Date;
}

/** The first look at a run, one step further, and the second one where there is one. */
export interface Advanced extends AdvancedLook {
  readonly again?: Look;
}

/** Whether every look at the run has ended. */
export function isEnded({ again, ...first }: Advanced): boolean {
  return isOver(first) && (again === undefined || isOver(again));
}

export interface RunUnderWay {
  readonly test: ConnectivityTest;
  readonly run: ProbeRun;
  readonly seen: Seen;
}

export interface Steps {
  /**
   * Begins the run that is due, if any: observes, plans, and writes the plan down as a ProbeRun. The last run that `ended`
   * says what its verdict rests on.
   */
  readonly begin: (test: ConnectivityTest, ended: ProbeRun | undefined, now: Date) => Promise<Begun>;
  /**
   * Creates the pods that are missing, of the run and of its witnesses, and records what those that ended have told. Where
   * that leaves something to be asked, and somebody may ask it, a second look begins, and no third.
   */
  readonly advance: (underWay: RunUnderWay, now: Date) => Promise<Advanced>;
  /** Looks back, once, whether a run that has ended still has the targets that it was planned with. */
  readonly lookBack: (test: ConnectivityTest, advanced: Advanced, now: Date) => Promise<Advanced>;
  /** Deletes the runs and pods that have served. */
  readonly tidy: (test: ConnectivityTest, seen: Seen, now: Date) => Promise<CleanUp>;
  /** Deletes what a test that is gone has left in other namespaces; the rest goes by its owner references. */
  readonly forget: (away: readonly ProbeRun[]) => Promise<void>;
}

/** The steps of a reconcile that talk to the API server. */
export function createSteps(options: StepsOptions): Steps {
  const { api, settings, witness, operatorNamespace, grants, ground, log, now: clock } = options;
  const observe = createObserver(api, { grants });
  const observeAgain = createSecondObserver(api, observe);
  const runs = createRunWriter({ api, cache: options.runs, now: clock });
  const advanceLook = createAdvancer({ api, settings, runs, grants, now: clock });
  const homeOf = ({ metadata }: ConnectivityTest) => metadata.namespace || operatorNamespace;

  /** What has changed since the last run began, of what the test asks about. */
  function changeFor({ spec: { rerunOn } }: ConnectivityTest, ended: ProbeRun | undefined) {
    const premises = ended?.spec.premises;
    return rerunOn && premises && changeSince(premises, rerunOn, ground());
  }

  /** The plan, with what its verdict will rest on where the test asks about that. */
  function resting({ spec: { rerunOn } }: ConnectivityTest, { spec, involved }: Planned) {
    return rerunOn ? { ...spec, premises: premisesOf(involved, ground()) } : spec;
  }

  async function secondLook({ test, seen: { pods } }: RunUnderWay, first: AdvancedLook, now: Date) {
    const { spec } = first.run;
    const known = runs.get(homeRun(homeOf(test), { ...spec, run: { ...spec.run, again: true } }));
    if (known && !isOlder(known, first.run)) return advanceLook({ run: known, pods }, now);
    const plan = await planAgain(test, first);
    if (!plan) return undefined;
    if (known) return advanceLook({ run: leftOver(known, plan, now), pods }, now);
    const made = await orRefusal(runs.create(homeRun(homeOf(test), plan), plan));
    // A run whose second look the API server will not have ends with its first one.
    if (made instanceof ApiError) return { run: unheard(plan, made.message) };
    log.info("second look begun", {
      test: keyOf(test.metadata),
      run: plan.run.id,
      paths: plan.paths.length,
    });
    return advanceLook({ run: made, pods }, now);
  }

  async function planAgain(test: ConnectivityTest, { run, witness: witnesses }: AdvancedLook) {
    const left = witness.enabled ? wanting(trialOf(run, witnesses)) : [];
    if (left.length === 0) return undefined;
    const surroundings = await observeAgain(test, learnedFrom(left));
    return planSecondLook({ run, witness: witnesses }, { surroundings, settings: witness });
  }

  return {
    async begin(test, ended, now) {
      const due = dueRun(test, now, changeFor(test, ended));
      if (!due) return {};
      if ("problem" in due) return { problem: due.problem };
      const { uid, generation, name } = test.metadata;
      const home = homeOf(test);
      const id = runId({ uid, generation, key: due.key, after: test.status.run?.id });
      const known = runs.get(homeRun(home, { test: { kind: kindOf(test).kind, name, uid }, run: { id } }));
      if (known) return { run: known };
      const { trigger, request } = due;
      const planned = planRun({
        test,
        home,
        run: { id, trigger, ...(request !== undefined && { request }) },
        surroundings: await observe(test),
        witness,
      });
      if ("problem" in planned)
        return { problem: planned.problem, lookAgainAt: later(now, LOOK_AT_PROBLEM_AGAIN) };
      const spec = resting(test, planned);
      const run = await orRefusal(runs.create(homeRun(home, spec), spec));
      if (run instanceof ApiError) {
        log.warn("run refused", { test: keyOf(test.metadata), run: id, error: run.message });
        return { problem: refused(run), lookAgainAt: later(now, ASK_FOR_RUN_AGAIN) };
      }
      log.info("run begun", {
        test: keyOf(test.metadata),
        run: id,
        trigger,
        paths: run.spec.paths.length,
      });
      return { run };
    },

    async advance(underWay, now) {
      const { run, seen } = underWay;
      const first = await advanceLook({ run: runs.newest(run), pods: seen.pods }, now);
      const again = isOver(first) ? await secondLook(underWay, first, now) : undefined;
      if (!again) return first;
      const next = earliest([first.lookAgainAt, "lookAgainAt" in again ? again.lookAgainAt : undefined]);
      return { ...first, again, ...(next && { lookAgainAt: next }) };
    },

    async lookBack(test, advanced, now) {
      if (!isEnded(advanced)) return advanced;
      const { run, again } = advanced;
      const targets = await lookBack({ run, again: again?.run, test, observe, now });
      if (!targets) return advanced;
      const recorded = await runs.record(run, { ...run.status, targets });
      return { ...advanced, run: recorded };
    },

    async tidy(test, seen, now) {
      const unneeded = cleanUp(test, seen, now);
      await sweep(api, unneeded);
      return unneeded;
    },

    async forget(away) {
      await sweep(api, { runs: away, pods: [] });
    },
  };
}

/** A run that the API server will not have (quota, admission, a namespace on its way out) says nothing, and the last one nothing any more. */
function refused({ message }: ApiError): Problem {
  return { reason: "ProbeNotRun", message: printable(`the run could not begin: ${message}`, 512) };
}
