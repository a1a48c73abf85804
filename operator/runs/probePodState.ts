import type { Probing } from "../../crds/connectivitytest.ts";
import type { Check } from "../../crds/proberun/proberun.ts";
import { roundInterval } from "../../probes/pace.ts";
import { printable } from "../../probes/printable.ts";
import { parseReport, type Report } from "../../probes/report.ts";
import type { ProbePod } from "../cluster/probePod.ts";

/** What a probe pod was to do. */
export interface Orders {
  readonly checks: readonly Check[];
  readonly probing: Probing;
}

type Terminated = NonNullable<ProbePod["terminated"]>;

/** What has become of a probe pod, as far as the cluster tells. */
export type PodFate =
  | { readonly state: "Waiting"; readonly message: string }
  | { readonly state: "Running" }
  | { readonly state: "Finished"; readonly report: Report }
  | { readonly state: "NotRun"; readonly message: string };

/**
 * Waiting for these to mend themselves would be in vain: nobody changes the image of a pod that exists. Not so
 * CreateContainerError and CreateContainerConfigError: a kubelet that has just restarted says them for a moment.
 */
const HOPELESS = new Set(["InvalidImageName", "ErrImageNeverPull"]);

/** The container runtime could not start the container: the message is the runtime's own, not the container's. */
const NEVER_STARTED = new Set(["StartError", "ContainerCannotRun"]);

/**
 * In milliseconds. The kubelet tells whole seconds, and the clock of a sandboxed runtime (a VM) may differ a little from
 * the node's.
 */
const SLACK = 5_000;

/** Reads a pod's fate from its status alone; the termination message is treated as hostile input. */
export function fateOf(pod: ProbePod, orders: Orders): PodFate {
  if (pod.terminated) return terminated(pod, pod.terminated, orders);
  if (pod.phase === "Failed" || pod.phase === "Succeeded") return notRun(ownWords(pod));
  if (isGoing(pod)) return notRun(removal(pod));
  return pod.running ? { state: "Running" } : waiting(pod);
}

function waiting(pod: ProbePod): PodFate {
  const { reason = "", message = "" } = pod.waiting ?? {};
  const words = reason === "" ? unscheduled(pod) : sentence(reason, message);
  return HOPELESS.has(reason) ? notRun(words) : { state: "Waiting", message: words };
}

function terminated(pod: ProbePod, container: Terminated, orders: Orders): PodFate {
  const { exitCode, reason, message } = container;
  // Evicted or past its deadline: a report that came about before may be cut short, so it counts for nothing.
  if (pod.phase === "Failed" && pod.reason !== "") return notRun(ownWords(pod));
  if (NEVER_STARTED.has(reason)) return notRun(sentence(reason, message));
  if (exitCode !== 0 && isGoing(pod)) return notRun(removal(pod));
  if (exitCode !== 0) return notRun(`the probe ended with ${reason || "an error"} (exit code ${exitCode})`);
  return reported(container, orders);
}

function reported(container: Terminated, { checks, probing }: Orders): PodFate {
  const parsed = parseReport(container.message, checks);
  if (!parsed.ok) return unusable(parsed.problem);
  const { report } = parsed;
  if (!report.complete) return notRun("the probe ended before its report was complete");
  if (!isWithinLife(report, container, probing))
    return unusable("it tells of a time when its container did not run");
  return { state: "Finished", report };
}

const unusable = (problem: string) => notRun(`the probe's report cannot be used: ${problem}`);

const isGoing = ({ metadata }: ProbePod) => metadata.deletionTimestamp !== undefined;

/** Who deleted it, as far as the cluster tells (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */
function removal({ conditions }: ProbePod): string {
  const disruption = conditions.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  const deleted = "the pod was deleted before its probe had ended";
  return disruption ? `${deleted} (${sentence(disruption.reason, disruption.message)})` : deleted;
}

const notRun = (message: string): PodFate => ({ state: "NotRun", message });

function ownWords(pod: ProbePod): string {
  return sentence(pod.reason === "" ? `the pod ${pod.phase.toLowerCase()}` : pod.reason, pod.message);
}

function unscheduled(pod: ProbePod): string {
  const scheduled = pod.conditions.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return sentence(scheduled.reason, scheduled.message);
  // A kubelet that is alive says soon what it is waiting for.
  const node = pod.nodeName === "" ? "" : `; is the node ${pod.nodeName} still there?`;
  return `its container has not started${node}`;
}

/** The cluster's own words, which the status has room for. */
const sentence = (reason: string, message: string) =>
  printable(message === "" ? reason : `${reason}: ${message}`, 400);

/** When a container ran, as its kubelet tells, if it does. */
interface Life {
  readonly startedAt?: string | null | undefined;
  readonly finishedAt?: string | null | undefined;
}

/**
 * Whether every round and every contact that a report tells of lies in the life of the container that wrote it. So the
 * report of another run is none, and neither is one that was made up without waiting for its rounds.
 */
export function isWithinLife(report: Report, { startedAt, finishedAt }: Life, probing: Probing): boolean {
  const born = Date.parse(startedAt ?? "") - SLACK;
  const died = Date.parse(finishedAt ?? "") + SLACK;
  // What the kubelet did not tell is NaN: nothing is before or after it.
  return !timesIn(report, probing).some((time) => time < born || time > died);
}

function timesIn({ startedAt, writtenAt, contact, results }: Report, probing: Probing): number[] {
  const rounds = Math.max(0, ...results.map(({ samples }) => samples.length));
  const lastRound = Math.max(0, rounds - 1) * roundInterval(probing, results.length);
  const ended = writtenAt ?? startedAt;
  return [startedAt, startedAt + lastRound, ended, ...(contact ? [contact.first, contact.last] : [])];
}
