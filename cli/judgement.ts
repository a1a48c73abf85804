import type { Judgement } from "../operator/status/judgement.ts";

/** The exit codes of the program. */
export const EXIT_CODES = { Passed: 0, Failed: 1, Inconclusive: 2, Error: 3, TimedOut: 4 } as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Returns the exit code of all judgements together; undefined: wait on. One Failed or Error is enough to end. */
export function exitCodeOf(judgements: readonly Judgement[]): ExitCode | undefined {
  const states = new Set(judgements.map(({ state }) => state));
  if (states.has("Failed")) return EXIT_CODES.Failed;
  if (states.has("Error") || states.size === 0) return EXIT_CODES.Error;
  if (states.has("Waiting")) return undefined;
  return states.has("Inconclusive") ? EXIT_CODES.Inconclusive : EXIT_CODES.Passed;
}
