import type { AimRow } from "../process/aimTable.ts";
import type { Fault } from "./faults.ts";
import type { Judged } from "./requests.ts";
import { leastOfEach, type Point, type Slope, slopeOf } from "./slope.ts";

/** What a soak test has come to. */
export interface Soaked {
  readonly minutes: number;
  readonly faults: readonly { readonly fault: Fault; readonly began: number; readonly ended: number }[];
  /** How many connections were opened or closed. */
  readonly policyChanges: number;
  readonly runs: number;
  readonly judged: readonly Judged[];
  readonly unanswered: readonly string[];
  /** Of the runs after the last fault, which nothing disturbs. */
  readonly last: readonly Judged[];
  /** Changes of the leader that no fault explains. */
  readonly unexplained: number;
  readonly leaderChanges: number;
  /** Objects that were left when the tests were deleted. */
  readonly leftovers: readonly string[];
  /** Of the process that led longest, after its first minute: seconds and MiB. */
  readonly resident: readonly Point[];
  readonly heap: readonly Point[];
}

/** A row for each aim. */
export function soakRows(soaked: Soaked): AimRow[] {
  const { judged, last } = soaked;
  const count = (opinion: Judged["opinion"], of = judged) =>
    of.filter((one) => one.opinion === opinion).length;
  const [right, either, none] = [count("right"), count("either"), count("none")];
  return [
    {
      title: `wrong verdicts of expectations, in ${soaked.runs} runs`,
      measured: `${count("wrong")} of ${judged.length} (${right} right, ${either} while the connection changed, ${none} Inconclusive)`,
      aim: "0",
      // Verdicts that can only be right prove nothing, so most have to be decided by one state.
      isMet: count("wrong") === 0 && right > judged.length / 2,
    },
    {
      title: "Inconclusive, and the reasons",
      measured: none === 0 ? "0" : `${none} (${reasonsOf(judged)})`,
      aim: "–",
      isMet: true,
    },
    zero("requests that were not answered", soaked.unanswered.length),
    {
      title: "after the last fault: right verdicts",
      measured: `${count("right", last)} of ${last.length}`,
      aim: "all",
      isMet: last.length > 0 && count("right", last) === last.length,
    },
    {
      title: "changes of the leader without a killed leader or API server",
      measured: `${soaked.unexplained} of ${soaked.leaderChanges}`,
      aim: "0",
      isMet: soaked.unexplained === 0,
    },
    {
      title: "ProbeRuns, probe pods and witnesses that are left",
      measured: soaked.leftovers.length === 0 ? "0" : soaked.leftovers.join(", "),
      aim: "0",
      isMet: soaked.leftovers.length === 0,
    },
    memoryRow("resident memory of the leader, MiB an hour", soaked.resident, soaked.minutes),
    memoryRow("its heap after collections, MiB an hour", soaked.heap, soaked.minutes),
  ];
}

const zero = (title: string, measured: number): AimRow => ({
  title,
  measured: String(measured),
  aim: "0",
  isMet: measured === 0,
});

function reasonsOf(judged: readonly Judged[]): string {
  const none = judged.filter(({ opinion }) => opinion === "none");
  const byReason = Map.groupBy(none, ({ reason }) => reason);
  return [...byReason].map(([reason, all]) => `${reason} ${all.length}`).join(", ");
}

/** The least value of each half minute is what is left after a collection of garbage; neighbours are nearly independent then. */
const PERIOD_SECONDS = 30;
const SECONDS_AN_HOUR = 3_600;

/** Half of the minutes are without a change of the leader; in fewer than these a process has not come to rest. */
const LEAST_MINUTES = 20;

function memoryRow(title: string, points: readonly Point[], minutes: number): AimRow {
  const slope = slopeOf(leastOfEach(points, PERIOD_SECONDS));
  const aim = minutes < LEAST_MINUTES ? "–" : "not above 0 by more than twice its error";
  if (slope === undefined) return { title, measured: "too few values", aim, isMet: aim === "–" };
  const { slope: anHour, error } = hourly(slope);
  const measured = `${anHour.toFixed(1)} ± ${error.toFixed(1)} (${slope.points} values, last ${(points.at(-1)?.[1] ?? 0).toFixed(0)} MiB)`;
  return { title, measured, aim, isMet: aim === "–" || anHour <= 2 * error };
}

const hourly = ({ slope, error, points }: Slope): Slope => ({
  slope: slope * SECONDS_AN_HOUR,
  error: error * SECONDS_AN_HOUR,
  points,
});
