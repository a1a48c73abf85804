import { formatDuration } from "../crds/duration.ts";
import { keyOf } from "../crds/metadata.ts";
import type { Clock } from "../operator/runtime/clock.ts";
import type { JudgedTest } from "./awaitResults.ts";
import { subjectOf } from "./selection.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Returns a function that prints a line when the judgement of a test changes, behind a result the expectations that did not
 * pass, and on a terminal a last line with the time that has passed.
 */
export function createProgress(terminal: Terminal, clock: Clock): (judged: readonly JudgedTest[]) => void {
  const printed = new Map<string, string>();
  const started = clock.now();

  return (judged) => {
    for (const each of judged) {
      const key = keyOf(each.test.metadata);
      const text = judgementLines(each, terminal);
      if (printed.get(key) !== text && each.judgement.state !== "Error") terminal.print(text);
      printed.set(key, text);
    }
    const open = judged.filter(({ judgement }) => judgement.state === "Waiting");
    const [first] = open;
    if (!first) return;
    const passed = formatDuration(Math.round((clock.now() - started) / 1_000) * 1_000);
    const done = `${judged.length - open.length} of ${judged.length} tests have a result`;
    terminal.showProgress(`${passed}, ${done}. Waiting for ${subjectOf(first.test.metadata)} …`);
  };
}

function judgementLines({ test, judgement }: JudgedTest, terminal: Terminal): string {
  const { state, message, run } = judgement;
  const head = `${subjectOf(test.metadata)}: ${terminal.colour(state, state)}: ${message}`;
  // The expectations in the status are those of the last run, which may be a later one than that of a token.
  if (run === undefined || run !== test.status.run?.id) return head;
  const notPassed = (test.status.expectations ?? []).filter(({ verdict }) => verdict !== "Passed");
  const lines = notPassed.map(
    ({ name, verdict, reason, message: why }) =>
      `  ${name}: ${terminal.colour(verdict, verdict)} (${reason}): ${why}`,
  );
  return [head, ...lines].join("\n");
}
