import { Cron } from "croner";
import type { Schedule } from "../../crds/connectivitytest.ts";
import { parseDuration } from "../../crds/duration.ts";
import type { Problem } from "../../crds/reasons.ts";

/**
 * A run that a cron instant has caused may seem to have started before it, because start times are the API server's,
 * in whole seconds. An instant so soon after a start is the one that caused it; two are a minute apart at least.
 */
const CLOCK_SKEW = 30_000;

/** When the run after the one that started then is due. Undefined: never, or the schedule cannot be read. */
export function dueAfter(schedule: Schedule | undefined, startedAt: Date): Date | undefined {
  const every = parseDuration(schedule?.every ?? "");
  if (every !== undefined) return new Date(startedAt.getTime() + every);
  const reading = readCron(schedule);
  return reading && "cron" in reading ? nextOf(reading.cron, startedAt) : undefined;
}

/**
 * When a verdict is stale because no run has renewed it: twice `every` after the end of its run, with cron at the time
 * of the run after the next. Undefined: never, since nothing is to renew it.
 */
export function staleAfter(
  schedule: Schedule | undefined,
  { startedAt, finishedAt }: { startedAt: Date; finishedAt: Date },
): Date | undefined {
  const every = parseDuration(schedule?.every ?? "");
  if (every !== undefined) return new Date(finishedAt.getTime() + 2 * every);
  const next = dueAfter(schedule, startedAt);
  return next && dueAfter(schedule, next);
}

const nextOf = (cron: Cron, startedAt: Date) =>
  cron.nextRun(new Date(startedAt.getTime() + CLOCK_SKEW)) ?? undefined;

/** What is wrong with a schedule that the API server could not see: its cron expression, or its time zone. */
export function scheduleProblem(schedule: Schedule | undefined): Problem | undefined {
  const reading = readCron(schedule);
  return reading && "problem" in reading
    ? {
        reason: "InvalidSchedule",
        message: `spec.schedule cannot be read: ${reading.problem}: correct it, no run begins before`,
      }
    : undefined;
}

type ParsedCron = { readonly cron: Cron } | { readonly problem: string };

/** Cron in the given zone, UTC if there is none: never the operator's own. */
function readCron(schedule: Schedule | undefined): ParsedCron | undefined {
  if (schedule?.cron === undefined) return undefined;
  const { cron: expression, timeZone = "UTC" } = schedule;
  // croner would take a text with a colon for a date, that comes but once.
  if (expression.includes(":")) return { problem: `cron "${expression}" is no cron expression` };
  try {
    const cron = new Cron(expression, { timezone: timeZone, mode: "5-part", paused: true });
    return cron.nextRun(new Date(0)) ? { cron } : { problem: `cron "${expression}" never comes due` };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { problem: `cron "${expression}" in time zone ${timeZone}: ${words.slice(0, 300)}` };
  }
}
