import { createHash } from "node:crypto";
import { Cron } from "croner";
import type { ConnectivityTest, Schedule } from "../../crds/connectivitytest.ts";
import { parseDuration } from "../../crds/duration.ts";
import type { Problem } from "../../crds/reasons.ts";

/**
 * A run that a cron time has caused may seem to have started before that time, because start times are the API
 * server's, in whole seconds. A cron time so soon after a start is the one that caused it; two cron times are at
 * least a minute apart.
 */
const CLOCK_SKEW = 30_000;

/**
 * Returns when the run after the one that started at a time is due. Undefined if never, or if the schedule is
 * invalid.
 */
export function dueAfter(schedule: Schedule | undefined, startedAt: Date): Date | undefined {
  const every = parseDuration(schedule?.every ?? "");
  if (every !== undefined) return new Date(startedAt.getTime() + every);
  const reading = readCron(schedule);
  return reading && "cron" in reading ? nextOf(reading.cron, startedAt) : undefined;
}

/**
 * Returns when the test is next due by its schedule, if its last run started at a time. Undefined if it is never due. An interval
 * is up to a tenth shorter, by the UID of the test.
 */
export function nextRunAt({ metadata, spec }: ConnectivityTest, startedAt: Date): Date | undefined {
  if (spec.suspend) return undefined;
  const due = dueAfter(spec.schedule, startedAt);
  if (!due || spec.schedule?.every === undefined) return due;
  return new Date(due.getTime() - jitterOf(metadata.uid, due.getTime() - startedAt.getTime()));
}

/** The largest part of an interval that is left out. */
const MOST_JITTER = 0.1;

/** Whole seconds of an interval, the same after each restart: tests that were created together do not stay due at the same time. */
function jitterOf(uid: string, every: number): number {
  const part = createHash("sha256").update(uid).digest().readUInt32BE() / 2 ** 32;
  return Math.floor((every * MOST_JITTER * part) / 1_000) * 1_000;
}

/**
 * Returns when a verdict becomes stale without another run: twice `every` after the end of its run, with cron at the
 * time of the run after the next. Undefined if no run renews it.
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

/** Returns a problem of a schedule that the API server cannot detect: of its cron expression, or its time zone. */
export function scheduleProblem(schedule: Schedule | undefined): Problem | undefined {
  const reading = readCron(schedule);
  return reading && "problem" in reading
    ? {
        reason: "InvalidSchedule",
        message: `spec.schedule is invalid: ${reading.problem}. Correct it; until then no run starts`,
      }
    : undefined;
}

type ParsedCron = { readonly cron: Cron } | { readonly problem: string };

/** Cron in the given time zone, UTC by default: never the operator's own. */
function readCron(schedule: Schedule | undefined): ParsedCron | undefined {
  if (schedule?.cron === undefined) return undefined;
  const { cron: expression, timeZone = "UTC" } = schedule;
  // croner would parse a text with a colon as a date, which occurs only once.
  if (expression.includes(":")) return { problem: `cron "${expression}" is not a cron expression` };
  try {
    const cron = new Cron(expression, { timezone: timeZone, mode: "5-part", paused: true });
    return cron.nextRun(new Date(0)) ? { cron } : { problem: `cron "${expression}" is never due` };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { problem: `cron "${expression}" in time zone ${timeZone}: ${words.slice(0, 300)}` };
  }
}
