import { Failure } from "./failure.ts";

export interface Interrupt {
  /** Aborted by the first of the signals; more of them (npm hands on what the terminal has sent already) change nothing. */
  readonly signal: AbortSignal;
  /** From now on the signals end the process again. */
  readonly release: () => void;
}

/** Takes Ctrl-C and SIGTERM, so that the process can stop the cluster that it started before it ends. */
export function takeInterrupts(): Interrupt {
  const interrupted = new AbortController();
  const abort = (): void =>
    interrupted.abort(
      new Failure("interrupted. What was built is kept: the same command goes on from there"),
    );
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, abort);
  return {
    signal: interrupted.signal,
    release() {
      for (const signal of signals) process.off(signal, abort);
    },
  };
}
