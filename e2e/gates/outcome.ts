import { basename } from "node:path";
import { z } from "zod";

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

/** The controllers of gates that run on the test cluster, and the file with the tests of each. */
export const controllers = [
  { title: "Argo Rollouts 1.10.1", file: "argoRollouts.test.ts" },
  { title: "Flagger 1.36.1", file: "flagger.test.ts" },
] as const;

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

/** A row for each title of a test, with a cell for each controller: `yes` if its test has passed. */
export function controllerRows(report: unknown): readonly (readonly string[])[] {
  const { testResults } = reportSchema.parse(report);
  const perController = controllers.map(({ file }) => {
    const tests = testResults.filter(({ name }) => basename(name) === file);
    const results = tests.flatMap(({ assertionResults }) => assertionResults);
    return new Map(results.map(({ title, status }) => [title, status === "passed" ? "yes" : "**no**"]));
  });
  const titles = new Set(perController.flatMap((results) => [...results.keys()]));
  return [...titles].map((title) => [title, ...perController.map((results) => results.get(title) ?? "")]);
}
