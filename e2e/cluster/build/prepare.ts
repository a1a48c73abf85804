import { clearNote, noteProgress, readInterruption } from "./interruption.ts";
import { type Position, secondsLeft, type Share, timeLeft } from "./progress.ts";
import { type Report, showMoving } from "../../process/report.ts";

/** Something slow that has to be there before a cluster can start, and stays for the next one. */
export interface Step extends Share {
  /** What is done, as a person reads it: `building Calico`. */
  readonly title: string;
  /** True where an earlier run has done it to its end. */
  readonly isDone: boolean;
  /** Does it; says now and then which part of it this run has done, 0 to 1, where that can be seen. */
  readonly run: (tick: (fraction: number) => void) => Promise<void>;
}

/**
 * Takes all steps that are not done, in order. A log gets one line a step, a terminal one line that moves; both say how
 * far the whole is and how long the rest will take. After an interruption the steps that were done stay done, and the
 * first line says so.
 */
export async function prepare(steps: readonly Step[], report: Report): Promise<void> {
  if (steps.every(({ isDone }) => isDone)) return;
  const started = Date.now();
  const before = await readInterruption();
  if (before !== undefined) report(goesOn(steps, before.title));
  const finished: Position["finished"][number][] = [];
  for (const [i, step] of steps.entries()) {
    if (step.isDone) continue;
    const ahead = steps.slice(i + 1).filter(({ isDone }) => !isDone);
    const done = before?.title === step.title ? before.fraction : 0;
    const took = await take(step, { report, done, finished, ahead, number: `${i + 1} of ${steps.length}` });
    finished.push({ seconds: step.seconds, took });
  }
  await clearNote();
  report(`everything is prepared (${((Date.now() - started) / 1000).toFixed(0)} s)`);
}

function goesOn(steps: readonly Step[], title: string): string {
  const done = steps.filter(({ isDone }) => isDone).length;
  return `an earlier start was interrupted: ${done} of ${steps.length} steps are done, "${title}" continues where it was`;
}

interface Surroundings extends Pick<Position, "finished" | "ahead"> {
  readonly report: Report;
  /** The part that was done before an interruption. */
  readonly done: number;
  readonly number: string;
}

/** Takes one step; gives the seconds that it took. */
async function take(step: Step, { report, done, finished, ahead, number }: Surroundings): Promise<number> {
  const started = Date.now();
  const elapsed = (): number => (Date.now() - started) / 1000;
  let seen: number | undefined;
  const line = (): string => {
    const running = { ...step, elapsed: elapsed(), done, ...(seen !== undefined && { seen }) };
    return `step ${number}, ${timeLeft(secondsLeft({ finished, running, ahead }))}: ${step.title}`;
  };
  const beat = async (): Promise<void> => {
    const fraction = Math.min(done + (seen ?? 0), 1);
    showMoving(seen === undefined ? line() : `${line()} (${Math.floor(fraction * 100)} %)`);
    // A note that cannot be written ends no preparation: only the next start does not know of this one.
    await noteProgress({ title: step.title, fraction }).catch(() => undefined);
  };
  if (!showMoving(line())) report(line());
  let last = beat();
  const beats = setInterval(() => {
    last = beat();
  }, 1000);
  try {
    await step.run((fraction) => (seen = fraction));
  } finally {
    clearInterval(beats);
    await last;
    showMoving("");
  }
  return elapsed();
}
