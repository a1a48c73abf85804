import type { QueuedStatus, WaitsFor } from "../../crds/teststatus.ts";
import type { Trigger } from "../../crds/vocabulary.ts";

/** A run, or another attempt of it, that is due and waits for its turn. */
export interface WaitingRun {
  readonly trigger: Trigger;
  readonly requests?: readonly string[];
  readonly attempt?: number;
  readonly status: QueuedStatus;
}

/** How long a run has been queued, in whole seconds. */
export function secondsQueued(queued: QueuedStatus | undefined, now: Date): number {
  return queued ? Math.max(0, Math.round((now.getTime() - Date.parse(queued.since)) / 1_000)) : 0;
}

const UNTIL: Readonly<Record<WaitsFor, string>> = {
  EarlierRuns: "earlier runs have started",
  NamespaceLimit: "other runs of its namespace have ended (NETVERDICT_MAX_PODS_PER_NAMESPACE)",
  ClusterLimit: "other runs of the cluster have ended (NETVERDICT_MAX_PODS)",
  NodeCPU: "other runs have ended and a node has the CPU for its pods",
  NodePods: "other runs have ended and a node has room for its pods",
  NamespaceStarts: "the pods of earlier runs of its namespace have started",
  NodeStarts: "the pods of earlier runs have started",
};

/** The message about a queued run of a generation. It changes only with what the run waits for. */
export function queuedMessage(generation: number, { attempt, status }: WaitingRun): string {
  const what = attempt === undefined ? "the next run" : `attempt ${attempt} of the run`;
  const until = Object.entries(UNTIL).find(([name]) => name === status.waitsFor)?.[1] ?? status.waitsFor;
  return `${what} of generation ${generation} is queued since ${status.since}, until ${until}. It starts by itself`;
}
