import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { messageOf } from "../process/failure.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { timedReport } from "../process/report.ts";
import { cell, withLines } from "../runner/page.ts";
import { sum, type TestCounts, testCountsLine } from "../runner/testCounts.ts";
import { vitest } from "../runner/vitestRun.ts";
import { withCluster } from "../runner/withCluster.ts";
import { askingGates } from "./askingGates.ts";
import { gates } from "./gates.ts";
import { HELMS, helmProgram } from "./helm.ts";
import { type Outcome, situationOutcome, stateOutcome } from "./outcome.ts";
import { situations, wordsInSituations } from "./situations.ts";
import { gateStates } from "./states.ts";

// npm run test:gates: what real gates make of the operator's statuses and answers. The tables are written into docs/gates.md, right or not.
// Then the tests of the Helm chart, on the test cluster.
const PAGE = join(import.meta.dirname, "../../docs/gates.md");
const BEGIN = "<!-- Written by `npm run test:gates` from its run. Do not edit. -->";
const report = timedReport();
const { signal: interrupted } = takeInterrupts();

try {
  const total = sum([await testGates(), await testHelm()]);
  console.log(testCountsLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Helm is built before the cluster starts, because a build takes all cores. */
async function testHelm(): Promise<TestCounts> {
  for (const name of HELMS) {
    report(`${name} …`);
    await helmProgram(name);
  }
  const chart = {
    title: "the Helm chart",
    run: async () => (await vitest({ projects: ["gates"] })).counts,
  };
  return withCluster(chart, { report, interrupted, engine: "calico" }).run();
}

interface Table {
  readonly lines: readonly string[];
  readonly outcomes: readonly Outcome[];
}

/** Counts in how many states and situations a gate decides as it must. */
async function testGates(): Promise<TestCounts> {
  const states = await tableOfStates(new Date());
  const met = await tableOfSituations();
  const lines = [...states.lines, "", "### Gates that ask with a token", "", ...met.lines];
  await writeFile(PAGE, withLines(await readFile(PAGE, "utf8"), BEGIN, lines));
  console.log(lines.join("\n"));
  const outcomes = [...states.outcomes, ...met.outcomes];
  const failed = outcomes.filter(({ isRight }) => !isRight).length;
  return { passed: outcomes.length - failed, failed };
}

async function tableOfStates(now: Date): Promise<Table> {
  const states = gateStates(now);
  const columns: Outcome[][] = [];
  for (const gate of gates) {
    report(`${gate.title} …`);
    const words = await gate.wordsOf(states, now);
    columns.push(
      states.map((state, index) => stateOutcome(state, { gate, word: words[index] ?? "nothing" })),
    );
  }
  return table(["a test that is", ...titlesOf(gates)], states, columns);
}

async function tableOfSituations(): Promise<Table> {
  const columns: Outcome[][] = [];
  for (const gate of askingGates) {
    report(`${gate.title} …`);
    const words = await wordsInSituations(gate);
    columns.push(
      situations.map((one, index) => situationOutcome(one, { gate, word: words[index] ?? "nothing" })),
    );
  }
  return table(["what it meets", ...titlesOf(askingGates)], situations, columns);
}

function titlesOf(all: readonly { readonly title: string }[]): readonly string[] {
  return all.map(({ title }) => title);
}

/** A row for each of what the gates met, with the outcomes of one gate in each column. */
function table(
  [first = "", ...titles]: readonly string[],
  met: readonly { readonly title: string; readonly decision: string }[],
  columns: readonly (readonly Outcome[])[],
): Table {
  const head = [first, "a gate must", ...titles];
  const rows = met.map(({ title, decision }, index) => [
    title,
    decision,
    ...columns.map((column) => column[index]?.text ?? ""),
  ]);
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`);
  return { lines, outcomes: columns.flat() };
}
