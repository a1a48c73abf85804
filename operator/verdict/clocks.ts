import type { PodStatus } from "../../crds/proberun/proberun.ts";

/** In milliseconds, from the least to the most. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const SAME: Span = { from: 0, to: 0 };
const UNKNOWN: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export interface Dated extends Pick<PodStatus, "name" | "node" | "clock"> {
  /** Whether it runs under a runtime class: a sandbox with its own kernel may have another clock than its node. */
  readonly isSandboxed?: boolean;
}

/**
 * How far the clock by which one pod dates its rounds is ahead of another's. Pods on one node have one clock, except in a sandbox. Between two
 * nodes it is what was measured of both against the same clock of the operator; otherwise nothing is known of it. Each pod
 * by what was measured of itself alone: a pod whose report is forged may then lie about its own clock and no other's.
 */
export function clockDifference(one: Dated | undefined, other: Dated | undefined): Span {
  if (!one || !other) return UNKNOWN;
  if (one.name === other.name || isOnOneClock(one, other)) return SAME;
  if (!one.clock || !other.clock || one.clock.observer !== other.clock.observer) return UNKNOWN;
  return {
    from: one.clock.minOffset - other.clock.maxOffset,
    to: one.clock.maxOffset - other.clock.minOffset,
  };
}

const isOnOneClock = (one: Dated, other: Dated) =>
  one.node !== undefined && one.node === other.node && !one.isSandboxed && !other.isSandboxed;

/** Two nodes whose clocks may differ so much that a success on one of them may lie at the time that decides, or not. */
export interface ClockDoubt {
  /** The node of the probe. */
  readonly near: string;
  readonly far: string;
  /** By how much the clock of `far` may be ahead of that of `near`; without bounds if it was not measured. */
  readonly ahead: Span;
}
