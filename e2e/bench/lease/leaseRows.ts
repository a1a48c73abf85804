import type { AimRow } from "../../process/aimTable.ts";

/** What a test that is requested again and again has come to. */
export interface LeaseMeasured {
  readonly minutes: number;
  /** Accepted by the API server. */
  readonly requests: number;
  /** How many processes have held the Lease. */
  readonly holders: number;
  /** The longest time between two renewals, in seconds. */
  readonly gap: number;
  readonly restarts: number;
  /** The verdicts of the last runs. */
  readonly runs: readonly string[];
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** The leader stops if it could not renew for this time. */
const RENEW_DEADLINE_S = 10;

/** A row for each aim, and for what the operator has used. */
export function leaseRows(measured: LeaseMeasured): AimRow[] {
  const { minutes, requests, holders, gap, restarts, runs, cpuSeconds, residentBytes } = measured;
  const plain = (title: string, text: string) => ({ title, measured: text, aim: "–", isMet: true });
  return [
    plain(`requests in ${minutes} minutes`, String(requests)),
    { title: "processes that held the Lease", measured: String(holders), aim: "1", isMet: holders === 1 },
    { title: "restarts of the operator", measured: String(restarts), aim: "0", isMet: restarts === 0 },
    {
      title: "longest time between two renewals",
      measured: `${gap.toFixed(1)} s`,
      aim: `< ${RENEW_DEADLINE_S} s`,
      isMet: gap < RENEW_DEADLINE_S,
    },
    plain("the last runs", [...new Set(runs)].join(", ")),
    plain("CPU of the operator, both replicas", `${((1_000 * cpuSeconds) / (60 * minutes)).toFixed(0)}m`),
    plain("resident memory of the larger replica", `${(residentBytes / 2 ** 20).toFixed(0)} MiB`),
  ];
}
