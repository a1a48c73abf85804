import type { Verdict } from "../../crds/vocabulary.ts";

/**
 * What ends every message of an expectation: `; Failed since 2026-11-21 14:03 UTC`. By the minute, which is what people
 * compare with their rollouts; `lastTransitionTime` has the seconds. At most 42 letters, for which messages leave room.
 */
export function sinceSuffix(verdict: Verdict, time: Date): string {
  return `; ${verdict} since ${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
