import type { Probing } from "../../crds/connectivitytest.ts";
import type { Check } from "../../crds/proberun/proberun.ts";
import { printable } from "../../probes/printable.ts";
import { parseReport, type Report } from "../../probes/report.ts";
import { roundInterval } from "../../probes/timing.ts";
import type { ProbePod } from "../cluster/probePod.ts";

/** What a probe pod was to do. */
export interface ProbeRequest {
  readonly checks: readonly Check[];
  readonly probing: Probing;
}

type Terminated = NonNullable<ProbePod["terminated"]>;

/** What has become of a probe pod, as far as the cluster tells. */
export type ProbePodState =
  | { readonly state: "Waiting"; readonly message: string }
  | { readonly state: "Running" }
  | { readonly state: "Finished"; readonly report: Report }
  | { readonly state: "NotRun"; readonly message: string };

/**
 * Waiting for these to mend themselves would be in vain: nobody changes the image of a pod that exists. Not so
 * CreateContainerError and CreateContainerConfigError: a kubelet that has just restarted says them for a moment.
 */
const TERMINAL_WAITING_REASONS = new Set(["InvalidImageName", "ErrImageNeverPull"]);

/** The container runtime could not start the container: the message is the runtime's own, not the container's. */
const NEVER_STARTED = new Set(["StartError", "ContainerCannotRun"]);

/**
 * In milliseconds. The kubelet tells whole seconds, and the clock of a sandboxed runtime (a VM) may differ a little from
 * the node's.
 */
const CLOCK_TOLERANCE = 5_000;

/** Reads a pod's fate from its status alone; the termination message is treated as hostile input. */
export function probePodState(pod: ProbePod, request: ProbeRequest): ProbePodState {
  if (pod.terminated) return terminated(pod, pod.terminated, request);
  if (pod.phase === "Failed" || pod.phase === "Succeeded") return notRun(ownWords(pod));
  if (isTerminating(pod)) return notRun(removal(pod));
  return pod.running ? { state: "Running" } : waiting(pod);
}

function waiting(pod: ProbePod): ProbePodState {
  const { reason = "", message = "" } = pod.waiting ?? {};
  const words = reason === "" ? unscheduled(pod) : reasonAndMessage(reason, message);
  return TERMINAL_WAITING_REASONS.has(reason) ? notRun(words) : { state: "Waiting", message: words };
}

function terminated(pod: ProbePod, container: Terminated, request: ProbeRequest): ProbePodState {
  const { exitCode, reason, message } = container;
  // Evicted or past its deadline: a report that came about before may be cut short, so it counts for nothing.
  if (pod.phase === "Failed" && pod.reason !== "") return notRun(ownWords(pod));
  if (NEVER_STARTED.has(reason)) return notRun(reasonAndMessage(reason, message));
  if (exitCode !== 0 && isTerminating(pod)) return notRun(removal(pod));
  if (exitCode !== 0) return notRun(`the probe ended with ${reason || "an error"} (exit code ${exitCode})`);
  return reported(container, request);
}

function reported(container: Terminated, { checks, probing }: ProbeRequest): ProbePodState {
  const parsed = parseReport(container.message, checks);
  if (!parsed.ok) return unusable(parsed.problem);
  const { report } = parsed;
  if (!report.complete) return notRun("the probe ended before its report was complete");
  if (!isWithinContainerTimes(report, container, probing))
    return unusable("it tells of a time when its container did not run");
  return { state: "Finished", report };
}

const unusable = (problem: string) => notRun(`the probe's report cannot be used: ${problem}`);

const isTerminating = ({ metadata }: ProbePod) => metadata.deletionTimestamp !== undefined;

/** Who deleted it, as far as the cluster tells (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */
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
  if (scheduled?.status === "False") return reasonAndMessage(scheduled.reason, scheduled.message);
  // A kubelet that is alive says soon what it is waiting for.
  const node = pod.nodeName === "" ? "" : `; is the node ${pod.nodeName} still there?`;
  return `its container has not started${node}`;
}

/** The cluster's own words, which the status has room for. */
const reasonAndMessage = (reason: string, message: string) =>
  printable(message === "" ? reason : `${reason}: ${message}`, 400);

/** When a container ran, as its kubelet tells, if it does. */
interface ContainerTimes {
  readonly startedAt?: string | null | undefined;
  readonly finishedAt?: string | null | undefined;
}

/**
 * Whether every round and every contact that a report tells of lies in the life of the container that wrote it. So the
 * report of another run is none, and neither is one that was made up without waiting for its rounds.
 */
export function isWithinContainerTimes(
  report: Report,
  { startedAt, finishedAt }: ContainerTimes,
  probing: Probing,
): boolean {
  const born = Date.parse(startedAt ?? "") - CLOCK_TOLERANCE;
  const died = Date.parse(finishedAt ?? "") + CLOCK_TOLERANCE;
  // What the kubelet did not tell is NaN: nothing is before or after it.
  return !timesIn(report, probing).some((time) => time < born || time > died);
}

function timesIn({ startedAt, writtenAt, contact, results }: Report, probing: Probing): number[] {
  const rounds = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lastRound = Math.max(0, rounds - 1) * roundInterval(probing, results.length);
  const ended = writtenAt ?? startedAt;
  return [startedAt, startedAt + lastRound, ended, ...(contact ? [contact.first, contact.last] : [])];
}
