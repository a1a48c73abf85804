import { isDeepStrictEqual } from "node:util";
import { WITNESS_NAMESPACE } from "../../crds/group.ts";
import { keyOf } from "../../crds/object.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import {
  NO_POD,
  type Check,
  type PlannedPod,
  type ProbeRun,
  type ProbeRunSpec,
} from "../../crds/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { revokedGrants } from "../planning/childRunPlan.ts";
import { awayRunName, lookId } from "../planning/names.ts";
import { isListener } from "../planning/nodeLinks.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import type { Api } from "../runtime/api.ts";
import { earliest, later } from "../runtime/clock.ts";
import { createJustMade, type JustMade } from "../runtime/mutationCache.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import type { Look } from "../verdict/judge.ts";
import { addressedChecks, waitsUntil } from "./listenerAddresses.ts";
import { progressOf, type ProgressInput } from "./progress.ts";
import {
  createProbePod,
  createWitnessRun,
  isRefusal,
  recordRun,
  unheard,
  withRefusals,
  type PodSettings,
} from "./runClient.ts";
import { createBranchAdvancer } from "./syncChildRuns.ts";
import { podsOfRun } from "./testRuns.ts";

/** How soon a pod that the API server refused is asked for again, in milliseconds. */
const ASK_AGAIN = 5_000;

export interface AdvancerOptions {
  readonly api: Api;
  readonly settings: PodSettings;
  /** Runs that were just written, which the caches may not show yet. */
  readonly freshRuns: JustMade<ProbeRun>;
  /** The ProbeGrants of the cluster. */
  readonly grants: { get(key: string): ProbeGrant | undefined };
  /** How long the caches may take, in milliseconds. */
  readonly cacheLag: number;
  readonly now: () => Date;
}

/** A look at a run under way, as the caches show it. */
export interface LookUnderWay {
  readonly run: ProbeRun;
  readonly witness: ProbeRun | undefined;
  /** What this run and others have in other namespaces. */
  readonly branches: readonly ProbeRun[];
  readonly pods: readonly ProbePod[];
}

/** A look, one step further. */
export interface AdvancedLook {
  readonly run: ProbeRun;
  /** Undefined: the run asks for no witness. */
  readonly witness?: RunRecord;
  readonly lookAgainAt?: Date;
}

/** Whether the probes of a look and its witnesses, if it asks for any, have ended. */
export function isOver({ run, witness }: Look): boolean {
  return run.status.phase === "Finished" && (witness === undefined || witness.status.phase === "Finished");
}

export type AdvanceLook = (look: LookUnderWay, now: Date) => Promise<AdvancedLook>;

/** Creates the pods that a look misses, of its probes and of its witnesses, and records what those that ended have told. */
export function createAdvancer({
  api,
  settings,
  freshRuns,
  grants,
  cacheLag,
  now: clock,
}: AdvancerOptions): AdvanceLook {
  const createdPods = createJustMade<true>({ lifetime: cacheLag, now: clock });

  /**
   * Creates the pods, but for those that were created a moment ago: either the cache does not show them yet, or they are
   * gone by now, which is known when `lookAgainAt` has come.
   */
  async function create(run: ProbeRun, wanted: readonly Wanted[]) {
    const keyed = wanted.map((pod) => ({ ...pod, key: `${run.metadata.uid}/${pod.planned.name}` }));
    const lookAgainAt = earliest(keyed.map(({ key }) => createdPods.until(key)));
    const refusals = await Promise.all(
      keyed
        .filter(({ key }) => createdPods.get(key) === undefined)
        .map(async ({ key, planned, checks }) => {
          const refusal = await createProbePod(api, { run, planned, checks, settings });
          if (!refusal) createdPods.set(key, true);
          return refusal ?? [];
        }),
    );
    return { refusals: refusals.flat(), lookAgainAt };
  }

  async function advanceOne({ run: cached, pods, waitUntil, ...rest }: Advancing) {
    const run = freshRuns.get(keyOf(cached.metadata)) ?? cached;
    const { startTimeout } = settings;
    const { now } = rest;
    const own = podsOfRun(run, pods);
    const progress = progressOf({ run, pods: own, startTimeout, ...rest });
    const { refusals, lookAgainAt } = await create(
      run,
      progress.missing.flatMap((planned) => wantedNow(planned, { run, pods: own, waitUntil })),
    );
    const status = withRefusals(progress.status, refusals);
    const recorded = isDeepStrictEqual(status, run.status) ? run : await recordRun(api, run, status);
    if (recorded !== run) freshRuns.set(keyOf(run.metadata), recorded);
    const askAgainAt = refusals.length > 0 ? later(now, ASK_AGAIN) : undefined;
    return {
      run: recorded,
      lookAgainAt: earliest([progress.lookAgainAt, lookAgainAt, askAgainAt, waitUntil]),
    };
  }

  /** Without its witnesses a run still ends: what they might have proven is then not proven. */
  async function advanceWitnesses(run: ProbeRun, { spec, look, waitUntil, now }: Witnessing) {
    const { witness, pods } = look;
    try {
      const witnessRun = witness ?? (await witnessRunOf(spec));
      return await advanceOne({ run: witnessRun, pods, startBy: latestStart(run), waitUntil, now });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { run: unheard(spec, error.message), lookAgainAt: later(now, ASK_AGAIN) };
    }
  }

  async function witnessRunOf(spec: ProbeRunSpec) {
    const key = `${WITNESS_NAMESPACE}/${awayRunName(spec.test, lookId(spec.run))}`;
    const known = freshRuns.get(key);
    if (known) return known;
    const run = await createWitnessRun(api, spec);
    freshRuns.set(key, run);
    return run;
  }

  const advanceBranches = createBranchAdvancer({ api, freshRuns, advanceOne });

  return async (look, now) => {
    const spec = planWitnesses(look.run);
    const waitUntil = spec && waitFor(spec, look, now);
    const revoked = revokedGrants(look.run.spec.grants, grants);
    const branched = await advanceBranches({ ...look, revoked, waitUntil }, now);
    const branches = branched.map((branch) => branch.run);
    const own = { run: look.run, pods: look.pods, branches, revoked, waitUntil, now };
    const { run, lookAgainAt } = await advanceOne(own);
    const witnessed = spec && (await advanceWitnesses(run, { spec, look, waitUntil, now }));
    const next = earliest([
      lookAgainAt,
      witnessed?.lookAgainAt,
      ...branched.map((branch) => branch.lookAgainAt),
    ]);
    return { run, ...(witnessed && { witness: witnessed.run }), ...(next && { lookAgainAt: next }) };
  };
}

interface Advancing extends Pick<ProgressInput, "run" | "startBy" | "branches" | "revoked" | "now"> {
  readonly pods: readonly ProbePod[];
  /** Until then only those are created that the others wait for. */
  readonly waitUntil: Date | undefined;
}

interface Witnessing extends Pick<Advancing, "waitUntil" | "now"> {
  /** The plan of the witnesses. */
  readonly spec: ProbeRunSpec;
  readonly look: LookUnderWay;
}

/** A pod that is to be created now. */
interface Wanted {
  readonly planned: PlannedPod;
  readonly checks: readonly Check[];
}

interface Around extends Pick<Advancing, "run" | "waitUntil"> {
  readonly pods: ReadonlyMap<string, ProbePod>;
}

function wantedNow(planned: PlannedPod, { run, pods, waitUntil }: Around): Wanted[] {
  if (waitUntil !== undefined && !isListener(planned, run.spec.paths)) return [];
  const checks = addressedChecks(planned, { spec: run.spec, pods });
  return checks === undefined ? [] : [{ planned, checks }];
}

/** As the caches show the witnesses: with nothing in them the listeners have yet to be created. */
function waitFor(spec: ProbeRunSpec, { run, witness, pods }: LookUnderWay, now: Date): Date | undefined {
  const known = witness ? podsOfRun(witness, pods) : new Map<string, ProbePod>();
  return waitsUntil({ spec, status: witness?.status, pods: known }, run.metadata.creationTimestamp, now);
}

/** Once the probes have ended, a witness that has not started is too late, unless it was asked for itself alone. */
function latestStart({ spec, status }: ProbeRun): Date | undefined {
  const isAskedAlone = spec.paths.some(({ pod }) => pod === NO_POD);
  return isAskedAlone || status.finishedAt === undefined ? undefined : new Date(status.finishedAt);
}
