import type { Check } from "../crds/proberun.ts";
import { printable } from "../probes/printable.ts";
import { parseReport, type Report } from "../probes/report.ts";
import type { ProbePod } from "./probePod.ts";

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

/** Reads a pod's fate from its status alone; the termination message is treated as hostile input. */
export function fateOf(pod: ProbePod, checks: readonly Check[]): PodFate {
  if (pod.terminated) return terminated(pod, pod.terminated, checks);
  if (pod.phase === "Failed" || pod.phase === "Succeeded") return notRun(ownWords(pod));
  if (pod.running) return { state: "Running" };
  const { reason = "", message = "" } = pod.waiting ?? {};
  const words = reason === "" ? unscheduled(pod) : sentence(reason, message);
  return HOPELESS.has(reason) ? notRun(words) : { state: "Waiting", message: words };
}

function terminated(
  pod: ProbePod,
  { exitCode, reason, message }: NonNullable<ProbePod["terminated"]>,
  checks: readonly Check[],
): PodFate {
  // Evicted or past its deadline: a report that came about before may be cut short, so it counts for nothing.
  if (pod.phase === "Failed" && pod.reason !== "") return notRun(ownWords(pod));
  if (NEVER_STARTED.has(reason)) return notRun(sentence(reason, message));
  if (exitCode !== 0) return notRun(`the probe ended with ${reason || "an error"} (exit code ${exitCode})`);
  const parsed = parseReport(message, checks);
  if (!parsed.ok) return notRun(`the probe's report cannot be used: ${parsed.problem}`);
  if (!parsed.report.complete) return notRun("the probe ended before its report was complete");
  return { state: "Finished", report: parsed.report };
}

const notRun = (message: string): PodFate => ({ state: "NotRun", message });

function ownWords(pod: ProbePod): string {
  return sentence(pod.reason === "" ? `the pod ${pod.phase.toLowerCase()}` : pod.reason, pod.message);
}

function unscheduled(pod: ProbePod): string {
  const scheduled = pod.conditions.find(({ type }) => type === "PodScheduled");
  return scheduled?.status === "False"
    ? sentence(scheduled.reason, scheduled.message)
    : "its container has not started";
}

/** The cluster's own words, which the status has room for. */
const sentence = (reason: string, message: string) =>
  printable(message === "" ? reason : `${reason}: ${message}`, 400);
