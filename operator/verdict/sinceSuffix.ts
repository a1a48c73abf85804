import type { Verdict } from "../../crds/vocabulary.ts";

/**
 * The end of every message of an expectation: `; Failed since 2026-11-21 14:03 UTC`. It is rounded to the minute,
 * which users compare with their rollouts; `lastTransitionTime` has the seconds. At most 42 characters, for which
 * messages leave room.
 */
export function sinceSuffix(verdict: Verdict, time: Date): string {
  return `; ${verdict} since ${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
