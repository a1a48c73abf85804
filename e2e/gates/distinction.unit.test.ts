import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

/** The table of docs/gates.md about Failed and Inconclusive, against what the tables there have from the real gates. */

const page = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");
const cellsOf = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const rowsUnder = (heading: string) => {
  const [, section = ""] = page.split(`\n${heading}\n`);
  return section
    .split(/\n##/)[0]
    ?.split("\n")
    .filter((line) => line.startsWith("|"))
    .map(cellsOf);
};

/** What the gate of a column says about a test that failed, and about one that was inconclusive. */
function answersIn(heading: string, gate: string, [failed, inconclusive]: readonly [string, string]) {
  const [head = [], ...rows] = rowsUnder(heading) ?? [];
  const column = head.findIndex((title) => title.startsWith(gate));
  const answer = (state: string) => rows.find(([first]) => first === state)?.[column];
  return [answer(failed), answer(inconclusive)];
}

const STATES = ["failed", "inconclusive"] as const;
const RUNS = ["the run of its token has failed", "the run of its token was inconclusive"] as const;

it.each([
  { row: "Flux", heading: "## What a gate makes of each state", gate: "kstatus", states: STATES },
  { row: "Argo CD", heading: "## What a gate makes of each state", gate: "Argo CD", states: STATES },
  { row: "Argo Rollouts", heading: "### Gates that ask with a token", gate: "Argo Rollouts", states: RUNS },
  { row: "Flagger", heading: "### Gates that ask with a token", gate: "Flagger", states: RUNS },
])("the row of $row says what the real gate has answered", ({ row, heading, gate, states }) => {
  const rows = rowsUnder("## Which gate distinguishes Failed from Inconclusive") ?? [];
  const [, distinguishes = "", ...said] = rows.find(([first]) => first?.startsWith(row)) ?? [];
  const answers = answersIn(heading, gate, states);
  expect(said.map((cell) => cell.replace(/:.*/, ""))).toEqual(answers);
  expect(distinguishes.startsWith("yes")).toBe(answers[0] !== answers[1]);
});
