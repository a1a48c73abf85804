import { isDeepStrictEqual } from "node:util";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type {
  Check,
  PlannedPod,
  ProbeRun,
  ProbeRunSpec,
  ProbeRunStatus,
} from "../../crds/proberun/proberun.ts";
import { canRunOnNode } from "../cluster/nodeAdmission.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import { revokedGrants } from "../planning/childRunPlan.ts";
import { isListener } from "../planning/nodeLinks.ts";
import { planWitnesses } from "../planning/witnessPlan.ts";
import type { Api } from "../runtime/api.ts";
import { ApiError } from "../runtime/apiError.ts";
import { earliest, later } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { createMutationCache } from "../runtime/mutationCache.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import type { RunWithWitness } from "../verdict/runEvidence.ts";
import type { ClockWatch } from "./clockWatch.ts";
import { checksWithAddresses, waitDeadline } from "./listenerAddresses.ts";
import { withWarnings } from "./podWarnings.ts";
import { isTerminatingRun, progressOf, type ProgressInput, type RejectedPod } from "./progress.ts";
import {
  createProbePod,
  deleteAll,
  endAll,
  orRejection,
  rejectedRun,
  withRejections,
  type PodRejection,
  type PodSettings,
} from "./runClient.ts";
import { asTerminating, identityOfWitnessRun, type RunWriter } from "./runWriter.ts";
import { createChildRunSyncer } from "./syncChildRuns.ts";
import { isOlderThanRun, podsOfRun } from "./testRuns.ts";

/** Represents a pod that was just created: any state of it in a cache is newer. */
const CREATED = { metadata: { uid: "", resourceVersion: "" } };

/** The delay in milliseconds until a pod that the API server rejected is created again. */
const REJECTION_RETRY = 5_000;

export interface RunSyncerOptions {
  readonly api: Api;
  readonly settings: PodSettings;
  readonly runs: RunWriter;
  /** The ProbeGrants of the cluster. */
  readonly grants: { get(key: string): ProbeGrant | undefined };
  /** Measures the clocks of the nodes. */
  readonly clocks: ClockWatch;
  readonly log: Log;
  readonly now: () => Date;
}

/** A first run or follow-up run in progress, as the caches have it. */
export interface RunToSync {
  readonly run: ProbeRun;
  /** The pods of this run, of its witnesses and child runs, and of other runs. */
  readonly pods: readonly ProbePod[];
}

/** A first run or follow-up run after this reconcile. */
export interface SyncedRun {
  readonly run: ProbeRun;
  /** Undefined if the run needs no witness. */
  readonly witness?: RunRecord;
  readonly requeueAt?: Date | undefined;
}

/** Reports whether the probes of a run and its witnesses, if any, have ended. */
export function isRunFinished({ run, witness }: RunWithWitness): boolean {
  return run.status.phase === "Finished" && (witness === undefined || witness.status.phase === "Finished");
}

export type SyncRun = (active: RunToSync, now: Date) => Promise<SyncedRun>;

/**
 * Creates the missing pods of a run, of its probes and of its witnesses, and records the results of those that have
 * ended.
 */
export function createRunSyncer({
  api,
  settings,
  runs,
  grants,
  clocks,
  log,
  now: clock,
}: RunSyncerOptions): SyncRun {
  const createdPods = createMutationCache({ now: clock });

  /** Which pods of a run were just created and are not in the cache yet, and when to check whether they were deleted. */
  function hiddenPods({ metadata: { uid }, spec }: ProbeRun, pods: ReadonlyMap<string, ProbePod>) {
    const keyed = spec.pods.map(({ name }) => ({ name, key: `${uid}/${name}` }));
    const hidden = keyed.filter(({ name, key }) => createdPods.newest(key, pods.get(name)) === CREATED);
    return {
      names: new Set(hidden.map(({ name }) => name)),
      requeueAt: earliest(hidden.map(({ key }) => createdPods.hiddenUntil(key))),
    };
  }

  async function create(run: ProbeRun, wanted: readonly PodToCreate[]) {
    const rejections = await Promise.all(
      wanted.map(async ({ planned, checks }) => {
        const sentAt = clocks.now();
        const onCreated = (uid: string) => clocks.created(uid, sentAt);
        const rejection = await createProbePod(api, { run, planned, checks, settings, onCreated });
        if (!rejection) createdPods.set(`${run.metadata.uid}/${planned.name}`, CREATED);
        return rejection ?? [];
      }),
    );
    logCreated(run, wanted, rejections.flat());
    return rejections.flat();
  }

  function logCreated(
    { metadata, spec }: ProbeRun,
    wanted: readonly PodToCreate[],
    rejections: readonly PodRejection[],
  ) {
    const rejected = new Set(rejections.map(({ name }) => name));
    const names = wanted.flatMap(({ planned: { name } }) => (rejected.has(name) ? [] : [name]));
    if (names.length === 0) return;
    log.info("pods created", { run: spec.run.id, namespace: metadata.namespace, pods: names });
  }

  /** Those of the rejected pods that can run on their source's node past the scheduler. */
  async function assignable(rejected: readonly RejectedPod[]): Promise<RejectedPod[]> {
    const checked = await Promise.all(
      rejected.map(async ({ pod, node }) => {
        const { namespace, name } = pod.metadata;
        return (await canRunOnNode(api, { namespace, name, node })) ? [{ pod, node }] : [];
      }),
    );
    return checked.flat();
  }

  async function syncPods({ run, pods, waitUntil, ...rest }: PodSync) {
    const { startTimeout } = settings;
    const { now } = rest;
    const own = podsOfRun(run, pods);
    clocks.see(own.values());
    const progress = progressOf({ run, pods: own, startTimeout, clockOf: clocks.clockOf, ...rest });
    if (isTerminatingRun(run))
      return { run: { ...run, status: progress.status }, requeueAt: progress.requeueAt };
    const hidden = hiddenPods(run, own);
    const rejections = await create(
      run,
      progress.missing
        .filter(({ name }) => !hidden.names.has(name))
        .flatMap((planned) => podsToCreate(planned, { run, pods: own, waitUntil })),
    );
    await deleteAll(api, { runs: [], pods: progress.superseded });
    const unended = await endAll(api, progress.unneeded, now);
    const status = withAssignments(
      withRejections(await withWarnings(api, progress), [...rejections, ...unended]),
      await assignable(progress.rejected),
    );
    const recorded = isDeepStrictEqual(status, run.status) ? run : await runs.record(run, status);
    if (recorded !== run)
      clocks.forget(recorded.status.pods.flatMap(({ phase, uid }) => (phase === "Finished" && uid) || []));
    const askAgainAt = rejections.length > 0 ? later(now, REJECTION_RETRY) : undefined;
    return {
      run: recorded,
      requeueAt: earliest([
        progress.requeueAt,
        hidden.requeueAt,
        runs.hiddenUntil(run),
        askAgainAt,
        waitUntil,
      ]),
    };
  }

  /** A run also ends without its witnesses; then it lacks their proofs. */
  async function syncWitnesses(run: ProbeRun, { spec, known, pods, waitUntil, now }: WitnessSync) {
    const witness = known ?? (await orRejection(runs.create(identityOfWitnessRun(spec), spec)));
    if (witness instanceof ApiError)
      return { run: rejectedRun(spec, witness.message), requeueAt: later(now, REJECTION_RETRY) };
    // Witnesses of a run of this id that was deleted: what they have recorded is of another plan.
    const own = isOlderThanRun(witness, run)
      ? asTerminating(witness, spec, { since: run.metadata.creationTimestamp, now })
      : witness;
    return syncPods({ run: own, pods, neededUntil: endOfProbes(run), waitUntil, now });
  }

  const syncChildRuns = createChildRunSyncer({ api, runs, syncPods });

  return async (active, now) => {
    const { pods } = active;
    // `planCleanUp` deletes what it has in other namespaces.
    if (isTerminatingRun(active.run)) return syncPods({ run: active.run, pods, waitUntil: undefined, now });
    const spec = planWitnesses(active.run);
    const known = spec && runs.get(identityOfWitnessRun(spec));
    const waitUntil = spec && listenerDeadline({ spec, known, pods }, active.run, now);
    const revoked = revokedGrants(active.run.spec.grants, grants);
    const syncedChildRuns = await syncChildRuns({ run: active.run, pods, revoked, waitUntil }, now);
    const childRuns = syncedChildRuns.map((childRun) => childRun.run);
    const { run, requeueAt } = await syncPods({
      run: active.run,
      pods,
      childRuns,
      revoked,
      waitUntil,
      now,
    });
    const witnessed = spec && (await syncWitnesses(run, { spec, known, pods, waitUntil, now }));
    const all = [requeueAt, witnessed?.requeueAt, ...syncedChildRuns.map((childRun) => childRun.requeueAt)];
    return { run, ...(witnessed && { witness: witnessed.run }), requeueAt: earliest(all) };
  };
}

/** The status with the nodes of pods that are to be created again past the scheduler; written before any of them is deleted. */
function withAssignments(status: ProbeRunStatus, assigned: readonly RejectedPod[]): ProbeRunStatus {
  if (assigned.length === 0) return status;
  const nodes = new Map(assigned.map(({ pod, node }) => [pod.metadata.name, node]));
  return {
    ...status,
    pods: status.pods.map((pod) => {
      const assignedNode = nodes.get(pod.name);
      return assignedNode === undefined || pod.phase === "NotRun" ? pod : { ...pod, assignedNode };
    }),
  };
}

interface PodSync extends Pick<ProgressInput, "run" | "neededUntil" | "childRuns" | "revoked" | "now"> {
  readonly pods: readonly ProbePod[];
  /** Until then only the pods that the others wait for are created. */
  readonly waitUntil: Date | undefined;
}

interface KnownWitnesses extends Pick<PodSync, "pods"> {
  /** The plan of the witnesses. */
  readonly spec: ProbeRunSpec;
  /** Their ProbeRun, if there is one yet. */
  readonly known: ProbeRun | undefined;
}

interface WitnessSync extends KnownWitnesses, Pick<PodSync, "waitUntil" | "now"> {}

/** A pod to create now. */
interface PodToCreate {
  readonly planned: PlannedPod;
  readonly checks: readonly Check[];
}

interface CreationContext extends Pick<PodSync, "run" | "waitUntil"> {
  readonly pods: ReadonlyMap<string, ProbePod>;
}

function podsToCreate(planned: PlannedPod, { run, pods, waitUntil }: CreationContext): PodToCreate[] {
  if (waitUntil !== undefined && !isListener(planned, run.spec.paths)) return [];
  const checks = checksWithAddresses(planned, { spec: run.spec, pods });
  return checks === undefined ? [] : [{ planned, checks }];
}

/** Without a ProbeRun of the witnesses, the listeners must be created first. */
function listenerDeadline({ spec, known, pods }: KnownWitnesses, run: ProbeRun, now: Date): Date | undefined {
  const witness = known && !isOlderThanRun(known, run) ? known : undefined;
  const own = witness ? podsOfRun(witness, pods) : new Map<string, ProbePod>();
  return waitDeadline({ spec, status: witness?.status, pods: own }, run.metadata.creationTimestamp, now);
}

/** Until when the witnesses of a run are needed: those of a run without probes end by themselves. */
function endOfProbes({ spec, status }: ProbeRun): Date | undefined {
  return spec.pods.length === 0 || status.finishedAt === undefined ? undefined : new Date(status.finishedAt);
}
