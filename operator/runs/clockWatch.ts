import type { NodeClock } from "../../crds/proberun/proberun.ts";
import type { Report } from "../../probes/report.ts";
import type { ProbePod } from "../cluster/probePod.ts";

export interface ClockWatchOptions {
  /** Names this process: the offsets that two processes have measured are offsets from two clocks. */
  readonly observer: string;
  /** Epoch milliseconds that are never set: what is measured is by this clock. */
  readonly now: () => number;
}

/** Measures how far the clocks of the nodes are from the operator's, by the pods that this process creates. */
export interface ClockWatch {
  readonly now: () => number;
  /** A pod of this UID has been created by a request that was sent then, or later. */
  readonly created: (uid: string, sentAt: number) => void;
  /** All that the pods say of themselves has happened by now. */
  readonly see: (pods: Iterable<ProbePod>) => void;
  /**
   * Between which bounds the clock of an ended pod's node is, by this pod. Undefined: this process did not create it, or the
   * clock was set in the meantime, so that no offset explains all its times.
   */
  readonly clockOf: (pod: ProbePod, report: Report) => NodeClock | undefined;
  /** What these pods showed is recorded, and not asked for again. */
  readonly forget: (uids: readonly string[]) => void;
}

/** A kubelet writes whole seconds, rounded down: the time itself was up to so many milliseconds later. */
const KUBELET_PRECISION = 1_000;
/** Likewise for a time that the runner has rounded. */
const RUNNER_PRECISION = 1;

/** In milliseconds. No pod lives for so long: one that is still known then was deleted before it had ended. */
const LONGEST_LIFE = 3_600_000;

interface KnownClock {
  readonly sentAt: number;
  /** The largest offset that the pod's times have needed so far. */
  atLeast: number;
}

/**
 * An offset is what a clock of the node shows less what the operator's shows at the same moment. A pod's node learns of it
 * after the request that created it was sent: so an offset is no larger than the pod's first time less that of the request.
 * And what a pod says has happened before it was seen to say so: so an offset is no smaller than the pod's last time less
 * that of the observation. Nothing is assumed about durations (docs/decisions/0017-clocks-of-two-nodes.md).
 */
export function createClockWatch({ observer, now }: ClockWatchOptions): ClockWatch {
  // In the order of their creation.
  const known = new Map<string, KnownClock>();

  function forgetOld(time: number) {
    for (const [uid, { sentAt }] of known) {
      if (time - sentAt <= LONGEST_LIFE) return;
      known.delete(uid);
    }
  }

  return {
    now,
    created(uid, sentAt) {
      forgetOld(sentAt);
      if (!known.has(uid)) known.set(uid, { sentAt, atLeast: Number.NEGATIVE_INFINITY });
    },
    see(pods) {
      const time = now();
      for (const pod of pods) {
        const entry = known.get(pod.metadata.uid);
        if (entry) entry.atLeast = Math.max(entry.atLeast, lastStamp(pod) - time);
      }
    },
    clockOf(pod, report) {
      const entry = known.get(pod.metadata.uid);
      if (!entry) return undefined;
      const atLeast = Math.max(entry.atLeast, (report.writtenAt ?? report.startedAt) - now());
      const atMost = firstTime(pod, report) - entry.sentAt;
      if (atLeast > atMost) return undefined;
      return { observer, minOffset: Math.floor(atLeast), maxOffset: Math.ceil(atMost) };
    },
    forget(uids) {
      for (const uid of uids) known.delete(uid);
    },
  };
}

/** The latest that the node's clock can have shown when the pod began there. */
function firstTime(pod: ProbePod, { startedAt }: Report): number {
  const acknowledged = stampsOf(pod).map((stamp) => stamp + KUBELET_PRECISION);
  return Math.min(startedAt + RUNNER_PRECISION, ...acknowledged);
}

/** The least that the node's clock has shown since. */
const lastStamp = (pod: ProbePod) => Math.max(Number.NEGATIVE_INFINITY, ...stampsOf(pod));

/** The times that its kubelet has written. A sandbox with a kernel of its own may have another clock than the node. */
function stampsOf({ runtimeClassName, startTime, running, terminated }: ProbePod): number[] {
  if (runtimeClassName !== "") return [];
  return [startTime, running?.startedAt, terminated?.startedAt, terminated?.finishedAt]
    .map((time) => Date.parse(time ?? ""))
    .filter((time) => !Number.isNaN(time));
}
