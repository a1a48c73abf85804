import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { messageOf } from "../process/failure.ts";
import { timedReport } from "../process/report.ts";
import { cell, withLines } from "../runner/page.ts";
import { type Gate, gates, wordsOf } from "./gates.ts";
import { type GateState, gateStates } from "./states.ts";

// npm run test:gates: what real gates make of the operator's statuses. The table is written into docs/gates.md, right or not.
const PAGE = join(import.meta.dirname, "../../docs/gates.md");
const BEGIN = "<!-- Written by `npm run test:gates` from its run. Do not edit. -->";
const report = timedReport();

try {
  process.exitCode = (await testGates()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Resolves to true if every gate decides in every state as it must. */
async function testGates(): Promise<boolean> {
  const states = gateStates(new Date());
  const columns: Outcome[][] = [];
  for (const gate of gates) {
    report(`${gate.title} …`);
    const words = await wordsOf(
      gate,
      states.map(({ test }) => test),
    );
    columns.push(states.map((state, index) => outcome(state, { gate, word: words[index] ?? "nothing" })));
  }
  const head = ["a test that is", "a gate must", ...gates.map(({ title }) => title)];
  const rows = states.map(({ title, decision }, index) => [
    title,
    decision,
    ...columns.map((column) => column[index]?.text ?? ""),
  ]);
  const table = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`);
  await writeFile(PAGE, withLines(await readFile(PAGE, "utf8"), BEGIN, table));
  console.log(table.join("\n"));
  const outcomes = columns.flat();
  const failed = outcomes.filter(({ isRight }) => !isRight).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

interface Outcome {
  readonly text: string;
  readonly isRight: boolean;
}

/** What cannot be right without a clock is not hidden: the table says so. */
function outcome(
  { decision, needsClock }: GateState,
  { gate, word }: { readonly gate: Gate; readonly word: string },
): Outcome {
  if (gate.decisions[word] === decision) return { text: word, isRight: true };
  if (needsClock && !gate.hasClock) return { text: `${word}: it has no clock`, isRight: true };
  return { text: `**${word}**`, isRight: false };
}
