import type { Probing } from "../../crds/connectivitytest.ts";
import type { Check } from "../../crds/proberun/proberun.ts";
import { printable } from "../../probes/printable.ts";
import { ENTERED_EXIT_CODE, parseReport, type Report } from "../../probes/report.ts";
import { roundInterval } from "../../probes/timing.ts";
import { isUnscheduled, type ProbePod } from "../cluster/probePod.ts";

/** The task of a probe pod. */
export interface ProbeRequest {
  readonly checks: readonly Check[];
  readonly probing: Probing;
  /** Whether it goes on until it is ended. Default: its end before its time leaves no result. */
  readonly untilEnded?: boolean;
}

type Terminated = NonNullable<ProbePod["terminated"]>;

/** The state of a probe pod, from the fields of its status. */
export type ProbePodState =
  /** `unexplained`: the status of the pod does not say what it waits for, or why it fails. */
  | { readonly state: "Waiting"; readonly message: string; readonly unexplained: boolean }
  | { readonly state: "Running" }
  | { readonly state: "Finished"; readonly report: Report }
  | { readonly state: "NotRun"; readonly message: string };

/**
 * These states cannot recover, because the image of an existing pod does not change. CreateContainerError and
 * CreateContainerConfigError are not among them: a kubelet that has just restarted reports them for a moment.
 */
const TERMINAL_WAITING_REASONS = new Set(["InvalidImageName", "ErrImageNeverPull"]);

/**
 * The container runtime could not start the container: the message comes from the runtime, not from the container.
 */
const NEVER_STARTED = new Set(["StartError", "ContainerCannotRun"]);

/** The kubelet's reason for a pod that has passed its deadline, by which the operator ends a witness. */
const DEADLINE_EXCEEDED = "DeadlineExceeded";

/**
 * A tolerance in milliseconds. The kubelet reports whole seconds, and the clock of a sandboxed runtime (a VM) may
 * differ a little from the node's.
 */
const CLOCK_TOLERANCE = 5_000;

/** Derives the state of a probe pod from its status alone; the termination message is parsed as hostile input. */
export function probePodState(pod: ProbePod, request: ProbeRequest): ProbePodState {
  if (pod.terminated) return terminated(pod, pod.terminated, request);
  if (isEnding(pod, request)) return { state: "Running" };
  if (pod.phase === "Failed" || pod.phase === "Succeeded") return notRun(ownWords(pod));
  if (isTerminating(pod)) return notRun(removal(pod));
  return pod.running ? { state: "Running" } : waiting(pod);
}

/**
 * The kubelet may report that a pod has passed its deadline before it reports the end of the container. The report comes with
 * that end.
 */
const isEnding = ({ phase, reason, running }: ProbePod, { untilEnded }: ProbeRequest): boolean =>
  untilEnded === true && phase === "Failed" && reason === DEADLINE_EXCEEDED && running !== undefined;

function waiting(pod: ProbePod): ProbePodState {
  const { reason = "", message = "" } = pod.waiting ?? {};
  const words = reason === "" ? unscheduled(pod) : reasonAndMessage(reason, message);
  if (TERMINAL_WAITING_REASONS.has(reason)) return notRun(words);
  return { state: "Waiting", message: words, unexplained: message === "" && !isUnscheduled(pod) };
}

function terminated(pod: ProbePod, container: Terminated, request: ProbeRequest): ProbePodState {
  const { exitCode, reason, message } = container;
  const entry = entryInto(pod, container);
  if (entry !== undefined) return notRun(`the report may have been tampered with: ${entry}`);
  // Evicted or past its deadline: a report from before may be incomplete, so it does not count. For a witness, that is its end.
  if (request.untilEnded !== true && pod.phase === "Failed" && pod.reason !== "")
    return notRun(ownWords(pod));
  if (NEVER_STARTED.has(reason)) return notRun(reasonAndMessage(reason, message));
  return exitCode === 0 ? reported(container, request) : notRun(failure(pod, container, request));
}

/** How a user has entered the pod, if so. It cannot be known what they did to the report, to the tools or to the network. */
function entryInto({ ephemeral: [added] }: ProbePod, { exitCode }: Terminated): string | undefined {
  if (exitCode === ENTERED_EXIT_CODE)
    return "a process was started in the container of the probe. Enter no probe pod while it runs";
  return added === undefined
    ? undefined
    : `the ephemeral container ${added} was added to the pod. Add none while the probe runs`;
}

/** Why a container that ran has ended without a report. */
function failure(pod: ProbePod, { exitCode, reason }: Terminated, { untilEnded }: ProbeRequest): string {
  if (isTerminating(pod)) return removal(pod);
  if (untilEnded === true && pod.reason === DEADLINE_EXCEEDED)
    return `it was ended before it had written a report (exit code ${exitCode})`;
  return `the probe ended with ${reason || "an error"} (exit code ${exitCode})`;
}

function reported(container: Terminated, { checks, probing }: ProbeRequest): ProbePodState {
  const parsed = parseReport(container.message, checks);
  if (!parsed.ok) return unusable(parsed.problem);
  const { report } = parsed;
  if (!report.complete) return notRun("the probe ended before its report was complete");
  if (!isWithinContainerTimes(report, container, probing))
    return unusable("it has times at which its container did not run");
  return { state: "Finished", report };
}

const unusable = (problem: string) => notRun(`the probe's report cannot be used: ${problem}`);

const isTerminating = ({ metadata }: ProbePod) => metadata.deletionTimestamp !== undefined;

/**
 * Returns the reason of the deletion, if the status has one
 * (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/).
 */
function removal({ conditions }: ProbePod): string {
  const disruption = conditions.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  const deleted = "the pod was deleted before its probe had ended";
  return disruption ? `${deleted} (${reasonAndMessage(disruption.reason, disruption.message)})` : deleted;
}

const notRun = (message: string): ProbePodState => ({ state: "NotRun", message });

function ownWords(pod: ProbePod): string {
  return reasonAndMessage(pod.reason === "" ? `the pod ${pod.phase.toLowerCase()}` : pod.reason, pod.message);
}

function unscheduled(pod: ProbePod): string {
  const scheduled = pod.conditions.find(({ type }) => type === "PodScheduled");
  if (scheduled && isUnscheduled(pod)) return reasonAndMessage(scheduled.reason, scheduled.message);
  // A kubelet that is alive soon reports a reason for waiting.
  const node = pod.nodeName === "" ? "" : `. Check that the node ${pod.nodeName} is up`;
  return `its container has not started${node}`;
}

/** A message of the API server or the kubelet, shortened to the room in the status. */
const reasonAndMessage = (reason: string, message: string) =>
  printable(message === "" ? reason : `${reason}: ${message}`, 400);

/** Returns when a container ran, as its kubelet reports it, if at all. */
interface ContainerTimes {
  readonly startedAt?: string | null | undefined;
  readonly finishedAt?: string | null | undefined;
}

/**
 * Reports whether all rounds and contacts of a report are within the lifetime of the container that wrote it. So the
 * report of another run is rejected, and so is one that was invented without waiting for its rounds.
 */
export function isWithinContainerTimes(
  report: Report,
  { startedAt, finishedAt }: ContainerTimes,
  probing: Probing,
): boolean {
  const born = Date.parse(startedAt ?? "") - CLOCK_TOLERANCE;
  const died = Date.parse(finishedAt ?? "") + CLOCK_TOLERANCE;
  // A missing time of the kubelet is NaN: no time is before or after it.
  return !timesIn(report, probing).some((time) => time < born || time > died);
}

function timesIn({ startedAt, writtenAt, contact, results }: Report, probing: Probing): number[] {
  const rounds = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lastRound = Math.max(0, rounds - 1) * roundInterval(probing, results.length);
  const ended = writtenAt ?? startedAt;
  return [startedAt, startedAt + lastRound, ended, ...(contact ? [contact.first, contact.last] : [])];
}

/**
 * Why a node was rejected because of the pods on other nodes or on itself, not because of its own state: inter-pod affinity
 * and topology spread, as all versions of the scheduler have reported them
 * (pkg/scheduler/framework/plugins/{interpodaffinity,podtopologyspread} in kubernetes/kubernetes).
 */
const OTHER_PODS: ReadonlySet<string> = new Set([
  "node(s) didn't satisfy existing pods anti-affinity rules",
  "node(s) didn't match pod anti-affinity rules",
  "node(s) didn't match pod affinity rules",
  "node(s) didn't match pod affinity/anti-affinity rules",
  "node(s) didn't match pod affinity/anti-affinity",
  "node(s) didn't match pod topology spread constraints",
  "node(s) didn't match pod topology spread constraints (missing required label)",
]);

/** Reasons for other nodes; for the node of the source the operator checks them itself. */
const CHECKED: readonly RegExp[] = [
  /^node\(s\) had (?:untolerated )?taint/,
  /^node\(s\) were unschedulable$/,
  /^node\(s\) didn't match Pod's node affinity\/selector$/,
  /^Insufficient (?:cpu|memory|ephemeral-storage)$/,
  /^Too many pods$/,
];

/**
 * Reports whether the scheduler has rejected the pod, on at least one node only because of other pods: it names no reason that
 * it has for another node and that this operator does not know. Its message counts nodes by reason, and does not name them.
 */
export function isRejectedForOtherPods({ nodeName, conditions }: Pick<ProbePod, "nodeName" | "conditions">) {
  const scheduled = conditions.find(({ type }) => type === "PodScheduled");
  if (nodeName !== "" || scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return false;
  const reasons = rejectionReasons(scheduled.message);
  return (
    reasons !== undefined &&
    reasons.some((reason) => OTHER_PODS.has(reason)) &&
    reasons.every((reason) => OTHER_PODS.has(reason) || CHECKED.some((checked) => checked.test(reason)))
  );
}

/**
 * `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) … rules. preemption: 0/2 nodes are available: …`: the reasons up to
 * the first full stop. Undefined if the message has another form.
 */
function rejectionReasons(message: string): string[] | undefined {
  const [, list] = /^0\/\d+ nodes are available: (.+?)(?:\. .*|\.)?$/s.exec(message) ?? [];
  const reasons = list?.split(/, (?=\d)/).map((counted) => /^\d+ (.+)$/s.exec(counted)?.[1]);
  return reasons?.every((reason) => reason !== undefined) === true ? reasons : undefined;
}
