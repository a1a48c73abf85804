import { cursorTo, clearLine } from "node:readline";
import type { Writable } from "node:stream";
import { styleText } from "node:util";
import type { JudgementState } from "../operator/status/judgement.ts";

/** A stream as a program has it; `isTTY` and `columns` are set on a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Terminal {
  /** Writes lines of the result. */
  readonly print: (text: string) => void;
  /** Shows a line that the next output replaces; only on a terminal. */
  readonly showProgress: (text: string) => void;
  /** Writes a sentence to standard error. */
  readonly printError: (sentence: string) => void;
  /** Colours a text by a state, or by the verdict of an expectation; only on a terminal, and not with NO_COLOR. */
  readonly colour: (state: string, text: string) => string;
}

const COLOURS: Readonly<Record<JudgementState, "green" | "red" | "yellow" | "cyan">> = {
  Passed: "green",
  Failed: "red",
  Inconclusive: "yellow",
  Error: "red",
  Waiting: "cyan",
};

/** Writes to a terminal, or plain lines to anything else. */
export function createTerminal(stdout: Output, stderr: Output): Terminal {
  let hasProgress = false;

  function clearProgress() {
    if (!hasProgress) return;
    clearLine(stdout, 0);
    cursorTo(stdout, 0);
    hasProgress = false;
  }

  return {
    print(text) {
      clearProgress();
      stdout.write(`${text}\n`);
    },
    showProgress(text) {
      if (stdout.isTTY !== true) return;
      clearProgress();
      // A longer line would wrap, and could not be cleared.
      stdout.write(text.slice(0, (stdout.columns ?? 80) - 1));
      hasProgress = true;
    },
    printError(sentence) {
      clearProgress();
      stderr.write(`${sentence}\n`);
    },
    colour(state, text) {
      const found = Object.entries(COLOURS).find(([name]) => name === state);
      return found ? styleText(found[1], text, { stream: stdout }) : text;
    },
  };
}
