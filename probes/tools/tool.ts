import type { AnsweredIn, Check, UnfinishedBody } from "../../crds/proberun/proberun.ts";
import type { Outcome } from "../../crds/vocabulary.ts";
import { printable } from "../printable.ts";

/** The end of a tool's process, with its output (the first 64 KiB of each stream). */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the start of the process to its end. */
  readonly elapsedMs: number;
}

/** The result of one attempt. */
export interface Attempt {
  readonly outcome: Outcome;
  /** An answer of the requested kind and content. */
  readonly matchesRequest: boolean;
  readonly latencyMs?: number;
  readonly httpStatus?: number;
  /** The body of an HTTP answer that had not ended. */
  readonly unfinished?: UnfinishedBody;
  /** The name that had the record, if the search list of the pod completed it. */
  readonly answeredIn?: AnsweredIn;
  /** The tool's error message, at most 64 printable characters. */
  readonly hint?: string;
  /** A connection was established, but there was no answer, or not the whole answer, within the timeout. */
  readonly wentSilent?: boolean;
}

/** A program that is started for each request. Pure: the runner starts it, and recorded output can be classified. */
export interface Tool {
  /**
   * Program and arguments, never for a shell. `target` is the address to dial, for dns the name to look up. Without a
   * reply a tool ends by itself `timeoutMs` after its start (nslookup after that time for each server of the
   * resolver).
   */
  readonly commandLine: (check: Check, target: string, timeoutMs: number) => string[];
  /** Returns the result of the attempt. It is `ProbeError` unless the output proves something about the network. */
  readonly classify: (exit: Exit, check: Check) => Attempt;
}

/** An attempt without an answer of the requested kind, with the tool's message. */
export function unanswered(outcome: Outcome, words: string): Attempt {
  const hint = printable(words, 64);
  return { outcome, matchesRequest: false, ...(hint !== "" && { hint }) };
}

/** An attempt without a result: the tool crashed, was killed, or could not send its request. */
export function broken(program: string, { code, signal, stderr }: Exit, words?: string): Attempt {
  const said = words ?? stderr;
  return unanswered(
    "ProbeError",
    said === "" ? `${program} ended with ${signal ?? `exit code ${code}`}` : said,
  );
}

/** Formats seconds for curl and ping: `2`, `0.5`. */
export function inSeconds(milliseconds: number): string {
  return String(milliseconds / 1_000);
}
