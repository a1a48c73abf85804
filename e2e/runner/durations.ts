import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { FileTime } from "./fileTimes.ts";
import { type Durations, isOutdated } from "./schedule.ts";

/**
 * How long each file of scenarios took when it was last recorded. It is committed, since the order of files hangs on it
 * and vitest's own record of the last run is gone with every new checkout and every `npm ci`.
 */
const FILE = join(import.meta.dirname, "durations.json");

const durationsSchema = z.record(z.string(), z.number().nonnegative());

/** The recorded durations. Fails where the record cannot be read. */
export function recordedDurations(file: string = FILE): Durations {
  return durationsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Replaces the record where a complete run shows it to be outdated; whether it did. In whole seconds. */
export function recordDurations(times: readonly FileTime[], file: string = FILE): boolean {
  const measured = Object.fromEntries(
    times
      .map(({ path, seconds }) => [path, Math.round(seconds)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  if (!isOutdated(recordedDurations(file), measured)) return false;
  writeFileSync(file, `${JSON.stringify(measured, undefined, 2)}\n`);
  return true;
}
