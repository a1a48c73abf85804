import type { Verdict } from "../crds/words.ts";

/** How many letters `sinceWhen` takes at most. */
export const SINCE_WHEN_LENGTH = 42;

/**
 * What ends every message of an expectation: `; Failed since 2026-11-21 14:03 UTC`. By the minute, which is what people
 * compare with their rollouts; `lastTransitionTime` has the seconds.
 */
export function sinceWhen(verdict: Verdict, time: Date): string {
  return `; ${verdict} since ${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
