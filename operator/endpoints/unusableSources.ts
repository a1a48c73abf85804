import { shorten } from "../../probes/messageLength.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { podStatusColumn } from "./podStatusColumn.ts";

/** Not more of them are named, the newest pod of each first. */
const MOST_STATUSES = 3;

/**
 * Describes pods that match a source and that cannot be one, by their STATUS: `Pod/db-0 is Init:0/1, without an address`. ""
 * if there is no pod. The name has the namespace if that is not the test's own.
 */
export function describeUnusablePods(pods: readonly WorkloadPod[], own: string): string {
  const newestFirst = pods.toSorted((one, other) => (createdAt(one) < createdAt(other) ? 1 : -1));
  const byStatus = Map.groupBy(newestFirst, statusWithCause);
  return [...byStatus]
    .slice(0, MOST_STATUSES)
    .map(([status, [newest, ...others]]) => {
      const { name = "", namespace = "" } = newest?.metadata ?? {};
      const named = `Pod/${name}${namespace === own ? "" : `.${namespace}`}`;
      return others.length === 0
        ? `${named} is ${status}`
        : `${named} and ${others.length} more are ${status}`;
    })
    .join("; ");
}

/** An address, or the decision of the scheduler, is not part of the STATUS. */
function statusWithCause(pod: WorkloadPod): string {
  const { podIPs, conditions } = pod.status;
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  const cause = unscheduled
    ? ` (${shorten([unscheduled.reason, unscheduled.message].filter(Boolean).join(": "), "cause")})`
    : "";
  return `${podStatusColumn(pod)}${podIPs.length === 0 ? ", without an address" : ""}${cause}`;
}

const createdAt = ({ metadata }: WorkloadPod) => metadata.creationTimestamp ?? "";
