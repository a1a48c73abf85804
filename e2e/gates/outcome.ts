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

/** A gate on the test cluster, and where its tests are: in a file, or in a `describe` of it. */
interface TestedGate {
  readonly title: string;
  readonly file: string;
  readonly describe?: string;
}

export const controllers: readonly TestedGate[] = [
  { title: "Argo Rollouts 1.10.1 (web metric)", file: "argoRollouts.test.ts" },
  { title: "Argo Rollouts 1.10.1 (Job)", file: "argoRolloutsJob.test.ts" },
  { title: "Flagger 1.36.1", file: "flagger.test.ts" },
  { title: "Flux 1.9.6 (Job)", file: "fluxJob.test.ts" },
  { title: "GitHub Actions", file: "pipelines.test.ts", describe: "GitHub Actions" },
  { title: "GitLab CI", file: "pipelines.test.ts", describe: "GitLab CI" },
  { title: "Tekton's step", file: "pipelines.test.ts", describe: "Tekton" },
  { title: "chainsaw 0.2.12", file: "chainsaw.test.ts" },
];

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          /** With an empty one for the file. */
          ancestorTitles: z.array(z.string()).default([]),
        }),
      ),
    }),
  ),
});

/** A row for each title of a test outside of other `describe`s, with a cell for each controller: `yes` if its test has passed. */
export function controllerRows(report: unknown): readonly (readonly string[])[] {
  const { testResults } = reportSchema.parse(report);
  const perController = controllers.map(({ file, describe = "" }) => {
    const tests = testResults.filter(({ name }) => basename(name) === file);
    const all = tests.flatMap(({ assertionResults }) => assertionResults);
    const results = all.filter(({ ancestorTitles }) => ancestorTitles.join("") === describe);
    return new Map(results.map(({ title, status }) => [title, status === "passed" ? "yes" : "**no**"]));
  });
  const titles = new Set(perController.flatMap((results) => [...results.keys()]));
  return [...titles].map((title) => [title, ...perController.map((results) => results.get(title) ?? "")]);
}
