import type { Check } from "../crds/proberun.ts";
import type { Outcome } from "../crds/words.ts";
import { printable } from "./printable.ts";

/** How a tool's process ended, with everything that it said (the first 64 KiB of each stream). */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the start of the process to its end. */
  readonly elapsedMs: number;
}

/** What one attempt saw. */
export interface Attempt {
  readonly outcome: Outcome;
  /** An answer of the kind and content that the check asked for. */
  readonly asAsked: boolean;
  readonly latencyMs?: number;
  readonly httpStatus?: number;
  /** The tool's own words, at most 64 printable letters. */
  readonly hint?: string;
  /** A connection came about, and then nothing in time. */
  readonly wentSilent?: boolean;
}

/** A program that asks one question of the network. Pure: the runner starts it, and recorded output can be classified. */
export interface Tool {
  /**
   * Program and arguments, never for a shell. `target` is the address to dial, for dns the name to look up. A tool that
   * meets silence ends by itself `timeoutMs` after its start (nslookup after that for each server of the resolver).
   */
  readonly commandLine: (check: Check, target: string, timeoutMs: number) => string[];
  /** What the attempt saw. Whatever the output, it is `ProbeError` unless it shows something about the network. */
  readonly classify: (exit: Exit, check: Check) => Attempt;
  /** Once this stands in stderr nothing more is to be learned, and the runner ends the process. */
  readonly endsAt?: RegExp;
}

/** An attempt that got no answer of the kind asked for, with the tool's words about it. */
export function unanswered(outcome: Outcome, words: string): Attempt {
  const hint = printable(words, 64);
  return { outcome, asAsked: false, ...(hint !== "" && { hint }) };
}

/** An attempt whose tool ended in a way that says nothing: it crashed, was killed, or could not even ask. */
export function broken(program: string, { code, signal, stderr }: Exit, words?: string): Attempt {
  const said = words ?? stderr;
  return unanswered(
    "ProbeError",
    said === "" ? `${program} ended with ${signal ?? `exit code ${code}`}` : said,
  );
}

/** Seconds as curl and ping take them: `2`, `0.5`. */
export function inSeconds(milliseconds: number): string {
  return String(milliseconds / 1_000);
}
