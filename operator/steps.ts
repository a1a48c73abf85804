import { isDeepStrictEqual } from "node:util";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { WITNESS_NAMESPACE } from "../crds/group.ts";
import { keyOf } from "../crds/object.ts";
import type { PlannedPod, ProbeRun, ProbeRunSpec } from "../crds/proberun.ts";
import type { Api } from "./api.ts";
import {
  createProbePod,
  createRun,
  createWitnessRun,
  isRefusal,
  recordRun,
  sweep,
  withRefusals,
  type PodSettings,
} from "./apply.ts";
import { cleanUp, type CleanUp } from "./cleanUp.ts";
import { dueRun } from "./due.ts";
import type { RunRecord } from "./evidence.ts";
import { createJustMade } from "./justMade.ts";
import type { Log } from "./log.ts";
import { isFinished, lookBack } from "./lookBack.ts";
import { probeRunName, runId, witnessRunName } from "./names.ts";
import { createObserver } from "./observe.ts";
import { planRun, type Problem } from "./plan.ts";
import type { ProbePod } from "./probePod.ts";
import { progressOf } from "./progress.ts";
import { podsOfRun, type Seen } from "./seen.ts";
import type { WitnessSettings } from "./witnessNode.ts";
import { planWitnesses } from "./witnessPlan.ts";

/** How long the caches may take to show what was just written, in milliseconds. */
const CACHE_LAG = 5_000;
/** How soon a pod that the API server refused is asked for again, in milliseconds. */
const ASK_AGAIN = 5_000;
/** How soon a spec that cannot be run is looked at again, since its workloads may have changed, in milliseconds. */
const LOOK_AT_PROBLEM_AGAIN = 300_000;

export interface StepsOptions {
  readonly api: Api;
  readonly settings: PodSettings;
  readonly witness: WitnessSettings;
  readonly log: Log;
  readonly now: () => Date;
}

export interface Begun {
  readonly run?: ProbeRun;
  readonly problem?: Problem;
  readonly lookAgainAt?: Date;
}

export interface Advanced {
  readonly run: ProbeRun;
  /** Undefined: the run asks for no witness. */
  readonly witness?: RunRecord;
  readonly lookAgainAt?: Date;
}

export interface Steps {
  /** Begins the run that is due, if any: observes, plans, and writes the plan down as a ProbeRun. */
  readonly begin: (test: ConnectivityTest, now: Date) => Promise<Begun>;
  /** Creates the pods that are missing, of the run and of its witnesses, and records what those that ended have told. */
  readonly advance: (run: ProbeRun, seen: Seen, now: Date) => Promise<Advanced>;
  /** Looks again, once, whether a run that has ended still has the targets that it was planned with. */
  readonly lookAgain: (test: ConnectivityTest, advanced: Advanced, now: Date) => Promise<Advanced>;
  /** Deletes the runs and pods that have served. */
  readonly tidy: (test: ConnectivityTest, seen: Seen, now: Date) => Promise<CleanUp>;
  /** Deletes what a test that is gone has left in the witnesses' namespace; the rest goes by its owner references. */
  readonly forget: (witnesses: readonly ProbeRun[]) => Promise<void>;
}

/** The steps of a reconcile that talk to the API server. */
export function createSteps({ api, settings, witness, log, now: clock }: StepsOptions): Steps {
  const observe = createObserver(api);
  const freshRuns = createJustMade<ProbeRun>({ lifetime: CACHE_LAG, now: clock });
  const createdPods = createJustMade<true>({ lifetime: CACHE_LAG, now: clock });

  async function create(run: ProbeRun, missing: readonly PlannedPod[]) {
    const wanted = missing.filter(({ name }) => createdPods.get(`${run.metadata.uid}/${name}`) === undefined);
    const refusals = await Promise.all(
      wanted.map(async (planned) => {
        const refusal = await createProbePod(api, { run, planned, settings });
        if (!refusal) createdPods.set(`${run.metadata.uid}/${planned.name}`, true);
        return refusal ?? [];
      }),
    );
    return refusals.flat();
  }

  async function advanceOne({ run: cached, pods, startBy, now }: Advancing) {
    const run = freshRuns.get(keyOf(cached.metadata)) ?? cached;
    const { startTimeout } = settings;
    const progress = progressOf({ run, pods: podsOfRun(run, pods), startTimeout, startBy, now });
    const refusals = await create(run, progress.missing);
    const status = withRefusals(progress.status, refusals);
    const recorded = isDeepStrictEqual(status, run.status) ? run : await recordRun(api, run, status);
    if (recorded !== run) freshRuns.set(keyOf(run.metadata), recorded);
    const askAgainAt = refusals.length > 0 ? later(now, ASK_AGAIN) : undefined;
    return { run: recorded, lookAgainAt: earliest([progress.lookAgainAt, askAgainAt]) };
  }

  /** Without its witnesses a run still ends: what they might have proven is then not proven. */
  async function advanceWitnesses(run: ProbeRun, { witness: { active }, pods }: Seen, now: Date) {
    const spec = planWitnesses(run);
    if (!spec) return undefined;
    try {
      const witnessRun = active ?? (await witnessRunOf(spec));
      const startBy = run.status.finishedAt === undefined ? undefined : new Date(run.status.finishedAt);
      return await advanceOne({ run: witnessRun, pods, startBy, now });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { run: unheard(spec, error.message), lookAgainAt: later(now, ASK_AGAIN) };
    }
  }

  async function witnessRunOf(spec: ProbeRunSpec) {
    const { name, namespace = "" } = spec.test;
    const key = `${WITNESS_NAMESPACE}/${witnessRunName({ namespace, name }, spec.run.id)}`;
    const known = freshRuns.get(key);
    if (known) return known;
    const run = await createWitnessRun(api, spec);
    freshRuns.set(key, run);
    return run;
  }

  return {
    async begin(test, now) {
      const due = dueRun(test, now);
      if (!due) return {};
      if ("problem" in due) return { problem: due.problem };
      const { uid, generation, namespace, name } = test.metadata;
      const id = runId({ uid, generation, key: due.key, after: test.status.run?.id });
      const known = freshRuns.get(`${namespace}/${probeRunName(name, id)}`);
      if (known) return { run: known };
      const planned = planRun({ test, due, id, surroundings: await observe(test), witness });
      if ("problem" in planned)
        return { problem: planned.problem, lookAgainAt: later(now, LOOK_AT_PROBLEM_AGAIN) };
      const run = await createRun(api, test, planned.spec);
      freshRuns.set(keyOf(run.metadata), run);
      log.info("run begun", {
        test: keyOf({ namespace, name }),
        run: id,
        trigger: due.trigger,
        paths: run.spec.paths.length,
      });
      return { run };
    },

    async advance(cached, seen, now) {
      const { run, lookAgainAt } = await advanceOne({ run: cached, pods: seen.pods, now });
      const witnessed = await advanceWitnesses(run, seen, now);
      const next = earliest([lookAgainAt, witnessed?.lookAgainAt]);
      return {
        run,
        ...(witnessed && { witness: witnessed.run }),
        ...(next && { lookAgainAt: next }),
      };
    },

    async lookAgain(test, advanced, now) {
      if (!isFinished(advanced)) return advanced;
      const { run } = advanced;
      const targets = await lookBack({ run, test, observe, now });
      if (!targets) return advanced;
      const recorded = await recordRun(api, run, { ...run.status, targets });
      freshRuns.set(keyOf(run.metadata), recorded);
      return { ...advanced, run: recorded };
    },

    async tidy(test, seen, now) {
      const unneeded = cleanUp(test, seen, now);
      await sweep(api, unneeded);
      return unneeded;
    },

    async forget(witnesses) {
      await sweep(api, { runs: witnesses, pods: [] });
    },
  };
}

interface Advancing {
  readonly run: ProbeRun;
  readonly pods: readonly ProbePod[];
  readonly startBy?: Date | undefined;
  readonly now: Date;
}

/** The record of witnesses that the API server would not even have planned. */
function unheard(spec: ProbeRunSpec, words: string): RunRecord {
  const message = words.slice(0, 512);
  const pods = spec.pods.map(({ name }) => ({ name, phase: "NotRun" as const, message }));
  return { spec, status: { phase: "Finished", pods, results: [] } };
}

const later = (now: Date, milliseconds: number) => new Date(now.getTime() + milliseconds);

/** The earliest of the times that there are. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .flatMap((time) => (time ? [time] : []))
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}
