import type {
  NodeClock,
  PlannedPod,
  PodStatus,
  ProbeRun,
  ProbeRunStatus,
  Result,
} from "../../crds/proberun/proberun.ts";
import type { Report } from "../../probes/report.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import {
  creationDeadline,
  endDeadline,
  endedDeadline,
  isNeeded,
  removalDeadline,
  startDeadline,
  type DeadlineInput,
  type PodDeadline,
} from "./podDeadlines.ts";
import { podDifferences, withKnownDifferences, withPlacement } from "./podDifferences.ts";
import { isRejectedForOtherPods, probePodState, type ProbePodState } from "./probePodState.ts";

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
  /** Witnesses that go on until the operator ends them, that it has not ended yet, and that the run needs no longer. */
  readonly unneeded: readonly ProbePod[];
  /** When to reconcile again even without a change in the cluster. */
  readonly requeueAt?: Date;
}

export interface RejectedPod {
  readonly pod: ProbePod;
  readonly node: string;
}

export interface ProgressInput extends DeadlineInput {
  /** The run's probe pods by name. */
  readonly pods: ReadonlyMap<string, ProbePod>;
  /** The child runs of the run, after this reconcile. Default: none. */
  readonly childRuns?: readonly RunRecord[] | undefined;
  /** The grants of the run that no longer apply, by `namespace/name`. */
  readonly revoked?: readonly string[] | undefined;
  /** What is known of the clock of an ended pod's node; left out: nothing. */
  readonly clockOf?: ((pod: ProbePod, report: Report) => NodeClock | undefined) | undefined;
  readonly now: Date;
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
    unneeded: progresses.flatMap(({ unneeded }) => (unneeded ? [unneeded] : [])),
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
  readonly unneeded?: ProbePod;
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
  const { run, now } = input;
  const { deadline, words } = creationDeadline(input, before);
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

interface PresentInput extends ProgressInput {
  /** The pod's recorded state. */
  readonly before: PodStatus;
}

function present(pod: ProbePod, planned: PlannedPod, input: PresentInput): PodProgress {
  const { run, now } = input;
  const { message: _refusal, refused: _, ...last } = input.before; // it exists now, so an earlier rejection no longer applies
  const before = withKnownDifferences(last, podDifferences(planned, pod));
  const known = withPlacement(before, pod, planned);
  if (before.assignedNode !== undefined && pod.nodeName === "")
    return { ...beforeDeadline(removalDeadline(input), { before, known, now }), superseded: pod };
  const checks = run.spec.paths.filter((path) => path.pod === before.name).map(({ check }) => check);
  const untilEnded = isUntilEnded(planned);
  const podState = probePodState(pod, { checks, probing: run.spec.probing, untilEnded });
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
    case "Running":
      return runningPod(pod, { ...input, before, known, planned });
  }
}

/** Whether the pod is a witness beside probes. */
const isUntilEnded = ({ witness }: PlannedPod) => witness !== undefined && witness.alone !== true;

interface UnfinishedInput extends PresentInput {
  readonly known: PodStatus;
  readonly planned: PlannedPod;
}

function runningPod(pod: ProbePod, { planned, ...input }: UnfinishedInput): PodProgress {
  const deadline = isUntilEnded(planned) ? endedDeadline(pod) : endDeadline(input, pod);
  if (deadline) return beforeDeadline(deadline, input);
  return { pod: input.before, results: [], ...(!isNeeded(input) && { unneeded: pod }) };
}

function waitingPod(
  pod: ProbePod,
  { message, unexplained }: Extract<ProbePodState, { state: "Waiting" }>,
  { planned, ...input }: UnfinishedInput,
): PodProgress {
  const { now } = input;
  const { deadline, words } = startDeadline(input, pod);
  const node = isRejectedForOtherPods(pod) ? planned.twin?.nodeName : undefined;
  return {
    ...beforeDeadline({ deadline, words: `${words}: ${message}` }, input),
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
  { deadline, words }: PodDeadline,
  { before, known, now }: { before: PodStatus; known: PodStatus; now: Date },
): PodProgress {
  if (now < deadline) return { pod: before, results: [], requeueAt: deadline };
  return { pod: { ...known, phase: "NotRun", message: words }, results: [] };
}
