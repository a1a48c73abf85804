import type { Situation } from "./situations.ts";
import type { Decision, GateState } from "./states.ts";

/** What a gate said, as its table shows it. */
export interface Outcome {
  readonly text: string;
  readonly isRight: boolean;
}

interface Judging {
  readonly decisions: Readonly<Record<string, readonly Decision[]>>;
}

interface Said<Gate extends Judging> {
  readonly gate: Gate;
  readonly word: string;
}

/** What cannot be right without a clock is not hidden: the table says so. */
export function stateOutcome(
  { decision, needsClock }: GateState,
  { gate, word }: Said<Judging & { readonly hasClock: boolean }>,
): Outcome {
  const isRight = gate.decisions[word]?.includes(decision) ?? false;
  if (!isRight && needsClock && !gate.hasClock) return { text: `${word}: it has no clock`, isRight: true };
  return { text: isRight ? word : `**${word}**`, isRight };
}

/** A gate that is right in a trap is a surprise too, which the documents must mention. */
export function situationOutcome({ decision, trap }: Situation, { gate, word }: Said<Judging>): Outcome {
  const isRight = gate.decisions[word]?.includes(decision) ?? false;
  if (trap !== undefined) return { text: `**${word}**: ${trap}`, isRight: !isRight };
  return { text: isRight ? word : `**${word}**`, isRight };
}
