import { isDeepStrictEqual } from "node:util";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import {
  NO_POD,
  type Check,
  type PlannedPod,
  type ProbeRun,
  type ProbeRunSpec,
} from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { revokedGrants } from "../planning/childRunPlan.ts";
import { isListener } from "../planning/nodeLinks.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import { ApiError, type Api } from "../runtime/api.ts";
import { earliest, later } from "../runtime/clock.ts";
import { createMutationCache } from "../runtime/mutationCache.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import type { Look } from "../verdict/judge.ts";
import type { ClockWatch } from "./clockWatch.ts";
import { addressedChecks, waitsUntil } from "./listenerAddresses.ts";
import { isTerminatingRun, progressOf, type ProgressInput } from "./progress.ts";
import { createProbePod, orRefusal, unheard, withRefusals, type PodSettings } from "./runClient.ts";
import { identityOfWitnessRun, type RunWriter } from "./runWriter.ts";
import { createBranchAdvancer } from "./syncChildRuns.ts";
import { podsOfRun } from "./testRuns.ts";

/** Stands for a pod that was just created: whatever a cache shows under its name is newer. */
const CREATED = { metadata: { uid: "", resourceVersion: "" } };

/** How soon a pod that the API server refused is asked for again, in milliseconds. */
const ASK_AGAIN = 5_000;

export interface AdvancerOptions {
  readonly api: Api;
  readonly settings: PodSettings;
  readonly runs: RunWriter;
  /** The ProbeGrants of the cluster. */
  readonly grants: { get(key: string): ProbeGrant | undefined };
  /** Measures the clocks of the nodes. */
  readonly clocks: ClockWatch;
  readonly now: () => Date;
}

/** A look at a run under way, as the caches show it. */
export interface LookUnderWay {
  readonly run: ProbeRun;
  /** Those of this run, of its witnesses and branches, and of others. */
  readonly pods: readonly ProbePod[];
}

/** A look, one step further. */
export interface AdvancedLook {
  readonly run: ProbeRun;
  /** Undefined: the run asks for no witness. */
  readonly witness?: RunRecord;
  readonly lookAgainAt?: Date | undefined;
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
  runs,
  grants,
  clocks,
  now: clock,
}: AdvancerOptions): AdvanceLook {
  const createdPods = createMutationCache({ now: clock });

  /** Which pods of a run were just created and are not shown by the cache yet, and when to look whether they were deleted. */
  function hiddenPods({ metadata: { uid }, spec }: ProbeRun, pods: ReadonlyMap<string, ProbePod>) {
    const keyed = spec.pods.map(({ name }) => ({ name, key: `${uid}/${name}` }));
    const hidden = keyed.filter(({ name, key }) => createdPods.newest(key, pods.get(name)) === CREATED);
    return {
      names: new Set(hidden.map(({ name }) => name)),
      lookAgainAt: earliest(hidden.map(({ key }) => createdPods.hiddenUntil(key))),
    };
  }

  async function create(run: ProbeRun, wanted: readonly Wanted[]) {
    const refusals = await Promise.all(
      wanted.map(async ({ planned, checks }) => {
        const sentAt = clocks.now();
        const onCreated = (uid: string) => clocks.created(uid, sentAt);
        const refusal = await createProbePod(api, { run, planned, checks, settings, onCreated });
        if (!refusal) createdPods.set(`${run.metadata.uid}/${planned.name}`, CREATED);
        return refusal ?? [];
      }),
    );
    return refusals.flat();
  }

  async function advanceOne({ run, pods, waitUntil, ...rest }: Advancing) {
    const { startTimeout } = settings;
    const { now } = rest;
    const own = podsOfRun(run, pods);
    clocks.see(own.values());
    const progress = progressOf({ run, pods: own, startTimeout, clockOf: clocks.clockOf, ...rest });
    if (isTerminatingRun(run))
      return { run: { ...run, status: progress.status }, lookAgainAt: progress.lookAgainAt };
    const hidden = hiddenPods(run, own);
    const refusals = await create(
      run,
      progress.missing
        .filter(({ name }) => !hidden.names.has(name))
        .flatMap((planned) => wantedNow(planned, { run, pods: own, waitUntil })),
    );
    const status = withRefusals(progress.status, refusals);
    const recorded = isDeepStrictEqual(status, run.status) ? run : await runs.record(run, status);
    if (recorded !== run)
      clocks.forget(recorded.status.pods.flatMap(({ phase, uid }) => (phase === "Finished" && uid) || []));
    const askAgainAt = refusals.length > 0 ? later(now, ASK_AGAIN) : undefined;
    return {
      run: recorded,
      lookAgainAt: earliest([
        progress.lookAgainAt,
        hidden.lookAgainAt,
        runs.hiddenUntil(run),
        askAgainAt,
        waitUntil,
      ]),
    };
  }

  /** Without its witnesses a run still ends: what they might have proven is then not proven. */
  async function advanceWitnesses(run: ProbeRun, { spec, known, pods, waitUntil, now }: Witnessing) {
    const witness = known ?? (await orRefusal(runs.create(identityOfWitnessRun(spec), spec)));
    if (witness instanceof ApiError)
      return { run: unheard(spec, witness.message), lookAgainAt: later(now, ASK_AGAIN) };
    return advanceOne({ run: witness, pods, startBy: latestStart(run), waitUntil, now });
  }

  const advanceBranches = createBranchAdvancer({ api, runs, advanceOne });

  return async ({ run: home, pods }, now) => {
    // What it has in other namespaces is left to `cleanUp`.
    if (isTerminatingRun(home)) return advanceOne({ run: home, pods, waitUntil: undefined, now });
    const spec = planWitnesses(home);
    const known = spec && runs.get(identityOfWitnessRun(spec));
    const waitUntil = spec && waitFor({ spec, known, pods }, home, now);
    const revoked = revokedGrants(home.spec.grants, grants);
    const branched = await advanceBranches({ run: home, pods, revoked, waitUntil }, now);
    const branches = branched.map((branch) => branch.run);
    const { run, lookAgainAt } = await advanceOne({ run: home, pods, branches, revoked, waitUntil, now });
    const witnessed = spec && (await advanceWitnesses(run, { spec, known, pods, waitUntil, now }));
    const all = [lookAgainAt, witnessed?.lookAgainAt, ...branched.map((branch) => branch.lookAgainAt)];
    return { run, ...(witnessed && { witness: witnessed.run }), lookAgainAt: earliest(all) };
  };
}

interface Advancing extends Pick<ProgressInput, "run" | "startBy" | "branches" | "revoked" | "now"> {
  readonly pods: readonly ProbePod[];
  /** Until then only those are created that the others wait for. */
  readonly waitUntil: Date | undefined;
}

interface KnownWitnesses extends Pick<Advancing, "pods"> {
  /** The plan of the witnesses. */
  readonly spec: ProbeRunSpec;
  /** Their ProbeRun, if there is one yet. */
  readonly known: ProbeRun | undefined;
}

interface Witnessing extends KnownWitnesses, Pick<Advancing, "waitUntil" | "now"> {}

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

/** Where there is no ProbeRun of the witnesses yet, the listeners have yet to be created. */
function waitFor({ spec, known, pods }: KnownWitnesses, run: ProbeRun, now: Date): Date | undefined {
  const own = known ? podsOfRun(known, pods) : new Map<string, ProbePod>();
  return waitsUntil({ spec, status: known?.status, pods: own }, run.metadata.creationTimestamp, now);
}

/** Once the probes have ended, a witness that has not started is too late, unless it was asked for itself alone. */
function latestStart({ spec, status }: ProbeRun): Date | undefined {
  const isAskedAlone = spec.paths.some(({ pod }) => pod === NO_POD);
  return isAskedAlone || status.finishedAt === undefined ? undefined : new Date(status.finishedAt);
}
