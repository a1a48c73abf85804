import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { messageOf } from "../process/failure.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { timedReport } from "../process/report.ts";
import { cell, withLines } from "../runner/page.ts";
import { sum, type TestCounts, testCountsLine } from "../runner/testCounts.ts";
import { type Reported, vitest } from "../runner/vitestRun.ts";
import { withCluster } from "../runner/withCluster.ts";
import { askingGates } from "./askingGates.ts";
import { buildController, CONTROLLER_NAMES } from "./controllerImage.ts";
import { gates } from "./gates.ts";
import { GATE_PROGRAMS, gateProgram } from "./gateProgram.ts";
import { controllerRows, controllers, type Outcome, situationOutcome, stateOutcome } from "./outcome.ts";
import { situations, wordsInSituations } from "./situations.ts";
import { gateStates } from "./states.ts";

// npm run test:gates: what real gates make of the operator's statuses and answers; then, on the test cluster, the gates themselves and
// the Helm chart. The tables are written into docs/gates.md, right or not.
const PAGE = join(import.meta.dirname, "../../docs/gates.md");
const BEGIN = "<!-- Written by `npm run test:gates` from its run. Do not edit. -->";
const report = timedReport();
const { signal: interrupted } = takeInterrupts();

try {
  const total = await testGates();
  console.log(testCountsLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

interface Table {
  readonly lines: readonly string[];
  readonly counts: TestCounts;
}

/** Counts in how many states, situations and tests a gate decides as it must. */
async function testGates(): Promise<TestCounts> {
  const states = await tableOfStates(new Date());
  const asking = await tableOfSituations();
  const running = await tableOfControllers();
  const lines = [
    ...states.lines,
    "",
    "### Gates that ask with a token",
    "",
    ...asking.lines,
    "",
    "### Gates on the test cluster",
    "",
    ...running.lines,
  ];
  await writeFile(PAGE, withLines(await readFile(PAGE, "utf8"), BEGIN, lines));
  console.log(lines.join("\n"));
  return sum([states.counts, asking.counts, running.counts]);
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

/** The controllers and programs are built before the cluster starts, because a build takes all cores. The counts are also those of Helm. */
async function tableOfControllers(): Promise<Table> {
  for (const name of CONTROLLER_NAMES) {
    report(`${name} …`);
    await buildController(name, report);
  }
  for (const name of GATE_PROGRAMS) {
    report(`${name} …`);
    await gateProgram(name);
  }
  let reported: Reported | undefined;
  const title = "the gates on the test cluster, and the Helm chart";
  const run = async () => {
    reported = await vitest({ projects: ["gates"] });
    return reported.counts;
  };
  const counts = await withCluster({ title, run }, { report, interrupted, engine: "calico" }).run();
  const rows = reported?.report === undefined ? [] : controllerRows(reported.report);
  return { lines: linesOf(["what happens", ...titlesOf(controllers)], rows), counts };
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
  const rows = met.map(({ title, decision }, index) => [
    title,
    decision,
    ...columns.map((column) => column[index]?.text ?? ""),
  ]);
  const outcomes = columns.flat();
  const failed = outcomes.filter(({ isRight }) => !isRight).length;
  const counts = { passed: outcomes.length - failed, failed };
  return { lines: linesOf([first, "a gate must", ...titles], rows), counts };
}

function linesOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`);
}
