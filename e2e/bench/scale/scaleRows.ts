import type { PhaseCost } from "./operatorProcess.ts";

/** The parts of the measurement. */
export interface ScaleMeasured {
  /** The start with 10,000 suspended tests. */
  readonly synced: PhaseCost;
  /** Their first reconcile. */
  readonly first: PhaseCost;
  readonly idle: PhaseCost;
  /** Some of them become due, and each has a run that ends without a probe pod. */
  readonly due: PhaseCost;
  /** They are suspended again, and a policy of their namespace changes. */
  readonly policy: PhaseCost;
  /** The start with these runs, and 5,000 pods in the namespace. */
  readonly withPods: PhaseCost;
  readonly idleWithPods: PhaseCost;
  readonly idleSeconds: number;
}

export interface ScaleRow {
  /** What, before, now, ratio, aim. */
  readonly cells: readonly string[];
  readonly isMet: boolean;
}

interface Figure {
  readonly title: string;
  readonly of: (measured: ScaleMeasured) => number;
  readonly digits: number;
  readonly atMost?: number;
}

const requestsPerSecond = ({ requests }: PhaseCost, seconds: number) => requests / seconds;

const FIGURES: readonly Figure[] = [
  { title: "10,000 suspended tests: synced, s", of: ({ synced }) => synced.seconds, digits: 1, atMost: 15 },
  {
    title: "the same: memory, MB",
    of: ({ synced, first }) => Math.max(synced.megabytes, first.megabytes),
    digits: 0,
    atMost: 350,
  },
  { title: "the same: event loop p99, ms", of: ({ synced }) => synced.p99, digits: 1, atMost: 50 },
  { title: "their first reconcile: CPU, s", of: ({ first }) => first.cpuSeconds, digits: 1 },
  { title: "their first reconcile: event loop p99, ms", of: ({ first }) => first.p99, digits: 1, atMost: 50 },
  {
    title: "nothing due: requests a second",
    of: ({ idle, idleSeconds }) => requestsPerSecond(idle, idleSeconds),
    digits: 2,
    atMost: 1,
  },
  {
    title: "nothing due: CPU, thousandths of a core",
    of: ({ idle }) => (1_000 * idle.cpuSeconds) / idle.seconds,
    digits: 0,
  },
  { title: "2,000 of them due at once: all verdicts, s", of: ({ due }) => due.seconds, digits: 0 },
  { title: "the same: CPU, s", of: ({ due }) => due.cpuSeconds, digits: 0 },
  { title: "the same: memory, MB", of: ({ due }) => due.megabytes, digits: 0, atMost: 350 },
  { title: "the same: event loop p99, ms", of: ({ due }) => due.p99, digits: 1, atMost: 50 },
  {
    title: "a policy that these 2,000 depend on: CPU, s",
    of: ({ policy }) => policy.cpuSeconds,
    digits: 2,
    atMost: 1,
  },
  { title: "the same: event loop p99, ms", of: ({ policy }) => policy.p99, digits: 1, atMost: 50 },
  {
    title: "10,000 tests, 2,000 runs and 5,000 pods: synced, s",
    of: ({ withPods }) => withPods.seconds,
    digits: 1,
    atMost: 15,
  },
  {
    title: "the same: memory, MB",
    of: ({ withPods, idleWithPods }) => Math.max(withPods.megabytes, idleWithPods.megabytes),
    digits: 0,
    atMost: 350,
  },
  { title: "the same: event loop p99, ms", of: ({ withPods }) => withPods.p99, digits: 1, atMost: 50 },
  {
    title: "the same, nothing due: requests a second",
    of: ({ idleWithPods, idleSeconds }) => requestsPerSecond(idleWithPods, idleSeconds),
    digits: 2,
    atMost: 1,
  },
];

/** A row for each figure, with those of the build before. */
export function scaleRows(now: ScaleMeasured, before: ScaleMeasured | undefined): ScaleRow[] {
  return FIGURES.map(({ title, of, digits, atMost }) => {
    const [one, other] = [of(now), before && of(before)];
    const ratio = other === undefined || other === 0 ? "" : (one / other).toFixed(2);
    return {
      cells: [
        title,
        other?.toFixed(digits) ?? "",
        one.toFixed(digits),
        ratio,
        atMost === undefined ? "–" : `≤ ${atMost}`,
      ],
      isMet: atMost === undefined || one <= atMost,
    };
  });
}
