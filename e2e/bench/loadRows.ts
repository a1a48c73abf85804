import type { AimRow } from "../process/aimTable.ts";
import { median } from "./cpu/median.ts";

/** What many tests that are due at once have come to; times in seconds. */
export interface LoadMeasured {
  readonly tests: number;
  /** From the first request to the last verdict. */
  readonly seconds: number;
  readonly expectations: number;
  readonly inconclusive: number;
  readonly failed: number;
  /** Runs that had more than one attempt. */
  readonly repeated: number;
  /** The neighbour's test, while nothing else runs. */
  readonly idle: readonly SingleTest[];
  /** The same test again and again beside the others. */
  readonly beside: readonly SingleTest[];
  /** The most probe and witness pods at once. */
  readonly atOnce: number;
  readonly restarts: number;
}

/** The time of one test, in seconds. */
export interface SingleTest {
  /** From its creation to its verdict. */
  readonly seconds: number;
  /** How long its run was queued, in whole seconds. */
  readonly queued: number;
  /** From its creation until the last of its pods began its first round. */
  readonly untilRounds: number;
}

/** NETVERDICT_MAX_PODS_PER_NAMESPACE of the manifests, and the witnesses and probes of the neighbour's one run. */
const MOST_PODS = 40 + 4;
const MOST_DELAY = 1.3;

/** A row for each aim. */
export function loadRows(measured: LoadMeasured): AimRow[] {
  const { tests, seconds, expectations, inconclusive, failed, repeated, idle, beside, atOnce, restarts } =
    measured;
  const secondsOf = (singles: readonly SingleTest[]) => median(singles.map((single) => single.seconds));
  const delay = secondsOf(beside) / secondsOf(idle);
  return [
    {
      title: `${tests} tests due at once: right verdicts`,
      measured: `${expectations - inconclusive - failed} of ${expectations} in ${seconds.toFixed(0)} s`,
      aim: "all",
      isMet: inconclusive + failed === 0,
    },
    { title: "Inconclusive", measured: String(inconclusive), aim: "0", isMet: inconclusive === 0 },
    { title: "runs with more than one attempt", measured: String(repeated), aim: "–", isMet: true },
    { title: "pods at once", measured: String(atOnce), aim: `≤ ${MOST_PODS}`, isMet: atOnce <= MOST_PODS },
    {
      title: "the single test of another namespace ÷ the same alone",
      measured: `${delay.toFixed(2)} (${secondsOf(beside).toFixed(1)} of ${secondsOf(idle).toFixed(1)} s, ${beside.length} times)`,
      aim: `≤ ${MOST_DELAY}`,
      isMet: delay <= MOST_DELAY,
    },
    {
      title: "its time: queued, start of its pods, rounds and verdict",
      measured: `${partsOf(beside)} (alone: ${partsOf(idle)})`,
      aim: "–",
      isMet: true,
    },
    { title: "restarts of the operator", measured: String(restarts), aim: "0", isMet: restarts === 0 },
  ];
}

/** The medians of the parts of a test's time. */
function partsOf(tests: readonly SingleTest[]): string {
  const parts = [
    ({ queued }: SingleTest) => queued,
    ({ untilRounds, queued }: SingleTest) => untilRounds - queued,
    ({ seconds, untilRounds }: SingleTest) => seconds - untilRounds,
  ];
  return `${parts.map((part) => median(tests.map(part)).toFixed(1)).join(" + ")} s`;
}
