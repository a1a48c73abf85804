import { probingTimes } from "../../crds/connectivitytest.ts";
import { formatDuration } from "../../crds/duration.ts";
import {
  MAX_CHECKS_PER_POD,
  type NodeClock,
  type PlannedPod,
  type PodStatus,
  type ProbeRun,
  type ProbeRunStatus,
  type Result,
} from "../../crds/proberun/proberun.ts";
import type { Report } from "../../probes/report.ts";
import { attemptLimit, gridPlaces, roundInterval } from "../../probes/timing.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { podDifferences, withKnownDifferences, withPlacement } from "./podDifferences.ts";
import { probePodState, type ProbePodState } from "./probePodState.ts";
import { isRejectedForOtherPods } from "./schedulerRejection.ts";

/**
 * Whether a run is on its way out. It gets no pods any more, which would keep it from being gone, and those that it has
 * go with it.
 */
export function isTerminatingRun({ metadata }: Pick<ProbeRun, "metadata">): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** The state of a run, and the next actions. */
export interface Progress {
  readonly status: ProbeRunStatus;
  /** Pods that must be created. */
  readonly missing: readonly PlannedPod[];
  /** Pods that the scheduler has rejected only because of other pods: each may run on the node that its twin prefers. */
  readonly rejected: readonly RejectedPod[];
  /** Pods that the scheduler has rejected. Their successors are created on an assigned node when they are gone. */
  readonly superseded: readonly ProbePod[];
  /** Pods that have not started in time, and whose status does not say why: an event may. */
  readonly unexplained: readonly ProbePod[];
  /** When to reconcile again even without a change in the cluster. */
  readonly requeueAt?: Date;
}

export interface RejectedPod {
  readonly pod: ProbePod;
  readonly node: string;
}

export interface ProgressInput {
  readonly run: ProbeRun;
  /** The run's probe pods by name. */
  readonly pods: ReadonlyMap<string, ProbePod>;
  /** The maximum time until the container of a probe pod runs, in milliseconds. */
  readonly startTimeout: number;
  /** A pod that has not started by then is too late. */
  readonly startBy?: Date | undefined;
  /** The child runs of the run, after this reconcile. Default: none. */
  readonly childRuns?: readonly RunRecord[] | undefined;
  /** The grants of the run that no longer apply, by `namespace/name`. */
  readonly revoked?: readonly string[] | undefined;
  /** What is known of the clock of an ended pod's node; left out: nothing. */
  readonly clockOf?: ((pod: ProbePod, report: Report) => NodeClock | undefined) | undefined;
  readonly now: Date;
}

/** The time for the runner's own start and end, in milliseconds. */
const SPARE = 10_000;

/** The maximum run time of a started probe pod, in milliseconds: all rounds, and time for the last to end. */
export function probingWindow({ spec: { probing } }: Pick<ProbeRun, "spec">): number {
  const rounds = gridPlaces(probing) * roundInterval(probing, MAX_CHECKS_PER_POD);
  return rounds + attemptLimit(probingTimes(probing).timeout) + SPARE;
}

/**
 * Level-triggered: the same run and pods give the same progress. A result is recorded once in the run's status and
 * never read again, so that the pod may be deleted.
 */
export function progressOf(input: ProgressInput): Progress {
  const { run, now } = input;
  // Permanent: a grant that was missing for a moment does not count for the whole run.
  const revoked = [...new Set([...(run.status.revoked ?? []), ...(input.revoked ?? [])])];
  const progresses = run.spec.pods.map((planned) => podProgress(planned, { ...input, revoked }));
  const ended = progresses.every(({ pod }) => isPodFinished(pod));
  const recorded = run.status.results;
  const fresh = progresses
    .flatMap(({ results }) => results)
    .filter(({ path }) => !recorded.some((known) => known.path === path));
  const times = progresses.flatMap(({ requeueAt }) => (requeueAt ? [requeueAt.getTime()] : []));
  return {
    status: {
      ...run.status,
      phase: ended
        ? "Finished"
        : progresses.some(({ pod }) => isPodFinished(pod))
          ? "Running"
          : run.status.phase,
      ...(ended && { finishedAt: run.status.finishedAt ?? now.toISOString() }),
      pods: progresses.map(({ pod }) => pod),
      results: [...recorded, ...fresh].toSorted((one, other) => one.path - other.path),
      ...(revoked.length > 0 && { revoked }),
    },
    missing: progresses.flatMap(({ missing }) => (missing ? [missing] : [])),
    rejected: progresses.flatMap(({ rejected }) => (rejected ? [rejected] : [])),
    superseded: progresses.flatMap(({ superseded }) => (superseded ? [superseded] : [])),
    unexplained: progresses.flatMap(({ unexplained }) => (unexplained ? [unexplained] : [])),
    ...(times.length > 0 && { requeueAt: new Date(Math.min(...times)) }),
  };
}

/** Reports whether a probe pod has ended, or will never run. */
export const isPodFinished = ({ phase }: PodStatus) => phase === "Finished" || phase === "NotRun";

interface PodProgress {
  readonly pod: PodStatus;
  readonly results: readonly Result[];
  readonly missing?: PlannedPod;
  readonly rejected?: RejectedPod;
  readonly superseded?: ProbePod;
  readonly unexplained?: ProbePod;
  readonly requeueAt?: Date;
}

function podProgress(planned: PlannedPod, input: ProgressInput): PodProgress {
  const { run, pods } = input;
  const before = run.status.pods.find(({ name }) => name === planned.name) ?? {
    name: planned.name,
    phase: "Pending",
  };
  if (planned.grant !== undefined && input.revoked?.includes(planned.grant)) return grantRevokedPod(before);
  if (isPodFinished(before)) return { pod: before, results: [] };
  if (isTerminatingRun(run)) return absent(planned, before, input);
  if (planned.namespace !== undefined) return inChildRun(planned, before, input);
  const pod = pods.get(planned.name);
  if (!pod) return absent(planned, before, input);
  return present(pod, planned, { ...input, before });
}

/** Earlier results of the pod do not count any more. */
function grantRevokedPod(before: PodStatus): PodProgress {
  const message = "the ProbeGrant that it depends on was deleted or changed during the run";
  return { pod: { ...before, phase: "NotRun", message }, results: [] };
}

/** A pod in another namespace, as its child run has recorded it. */
function inChildRun(
  { name, grant }: PlannedPod,
  before: PodStatus,
  { childRuns = [] }: ProgressInput,
): PodProgress {
  const childRun = childRuns.find(({ spec }) => spec.pods.some((pod) => pod.name === name));
  const pod = childRun?.status.pods.find((known) => known.name === name);
  if (!childRun || !pod) return { pod: before, results: [] };
  const paths = new Set(childRun.spec.paths.flatMap((path) => (path.pod === name ? [path.id] : [])));
  return {
    pod: grant === undefined ? pod : withoutClusterMessage(pod, grant),
    results: childRun.status.results.filter(({ path }) => paths.has(path)),
  };
}

/**
 * API server messages and differences can reveal object names of the other namespace (for example quotas), so they are
 * not copied.
 */
function withoutClusterMessage({ message, differences, ...pod }: PodStatus, grant: string): PodStatus {
  const [namespace = ""] = grant.split("/");
  return {
    ...pod,
    ...(message !== undefined && {
      message: `the ProbeRun of this run in namespace ${namespace} has the reason, for users with access to it`,
    }),
    ...(differences && { differences: differences.map(({ field }) => ({ field })) }),
  };
}

function absent(planned: PlannedPod, before: PodStatus, input: ProgressInput): PodProgress {
  const { run, startTimeout, now } = input;
  // A pod that is rejected repeatedly has the same time as one that waits for its image.
  const limit = before.message === undefined ? startTimeout + probingWindow(run) : startTimeout;
  const { deadline, words } = startDeadline(input, {
    deadline: timeAfter(run.metadata.creationTimestamp, limit),
    words: isTerminatingRun(run)
      ? "its ProbeRun is being deleted"
      : `the pod did not exist ${formatDuration(limit)} after the run started`,
  });
  if (now < deadline)
    return {
      pod: before,
      results: [],
      ...(!isTerminatingRun(run) && { missing: planned }),
      requeueAt: deadline,
    };
  const { message = words } = before;
  return { pod: { ...before, phase: "NotRun", message }, results: [] };
}

interface StartDeadline {
  readonly deadline: Date;
  /** The message for a pod that has not started by then. */
  readonly words: string;
}

function startDeadline({ startBy }: ProgressInput, limit: StartDeadline): StartDeadline {
  if (startBy === undefined || limit.deadline <= startBy) return limit;
  return { deadline: startBy, words: "it had not started when the probes had ended" };
}

interface PresentInput extends ProgressInput {
  /** The pod's recorded state. */
  readonly before: PodStatus;
}

function present(pod: ProbePod, planned: PlannedPod, input: PresentInput): PodProgress {
  const { run, startTimeout, now } = input;
  const { message: _refusal, refused: _, ...last } = input.before; // it exists now, so an earlier rejection no longer applies
  const before = withKnownDifferences(last, podDifferences(planned, pod));
  const known = withPlacement(before, pod, planned);
  if (before.assignedNode !== undefined && pod.nodeName === "") {
    const words = "the scheduler rejected the pod, and it was not deleted to run on its source's node";
    const deadline = timeAfter(run.metadata.creationTimestamp, startTimeout);
    return { ...beforeDeadline(deadline, { before, known, words, now }), superseded: pod };
  }
  const checks = run.spec.paths.filter((path) => path.pod === before.name).map(({ check }) => check);
  const podState = probePodState(pod, { checks, probing: run.spec.probing });
  switch (podState.state) {
    case "Finished":
      return {
        pod: {
          ...known,
          phase: "Finished",
          ...reportedTimes(podState.report, input.clockOf?.(pod, podState.report)),
          finishedAt: pod.terminated?.finishedAt ?? now.toISOString(),
        },
        results: podState.report.results,
      };
    case "NotRun":
      return { pod: { ...known, phase: "NotRun", message: podState.message }, results: [] };
    case "Waiting":
      return waitingPod(pod, podState, { ...input, before, known, planned });
    case "Running": {
      const limit = startTimeout + probingWindow(run);
      const words = `not ended ${formatDuration(limit)} after its creation. Check that the node ${pod.nodeName} is up`;
      return beforeDeadline(timeAfter(pod.metadata.creationTimestamp, limit), { before, known, words, now });
    }
  }
}

interface WaitingInput extends PresentInput {
  readonly known: PodStatus;
  readonly planned: PlannedPod;
}

function waitingPod(
  pod: ProbePod,
  { message, unexplained }: Extract<ProbePodState, { state: "Waiting" }>,
  { planned, ...input }: WaitingInput,
): PodProgress {
  const { startTimeout, now } = input;
  const { deadline, words } = startDeadline(input, {
    deadline: timeAfter(pod.metadata.creationTimestamp, startTimeout),
    words: `not started within ${formatDuration(startTimeout)}`,
  });
  const node = isRejectedForOtherPods(pod) ? planned.twin?.nodeName : undefined;
  return {
    ...beforeDeadline(deadline, { ...input, words: `${words}: ${message}` }),
    ...(node !== undefined && { rejected: { pod, node } }),
    ...(unexplained && now >= deadline && { unexplained: pod }),
  };
}

/** The part of the report about the pod itself. */
function reportedTimes({ startedAt, contact }: Report, clock?: NodeClock): Partial<PodStatus> {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  return {
    roundsStartedAt: time(startedAt),
    ...(contact && {
      contact: { address: contact.address, first: time(contact.first), last: time(contact.last) },
    }),
    ...(clock && { clock }),
  };
}

/**
 * Before the deadline nothing is recorded (each record is a request); after it, the reason why the probe did not run.
 */
function beforeDeadline(
  deadline: Date,
  { before, known, words, now }: { before: PodStatus; known: PodStatus; words: string; now: Date },
): PodProgress {
  if (now < deadline) return { pod: before, results: [], requeueAt: deadline };
  return { pod: { ...known, phase: "NotRun", message: words }, results: [] };
}

const timeAfter = (start: string | undefined, milliseconds: number) =>
  new Date(new Date(start ?? 0).getTime() + milliseconds);
