import type { ProbePod } from "../cluster/probePod.ts";

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
