import Table from "cli-table3";
import type { ConnectivityTest } from "../crds/connectivitytest.ts";
import { judgeGoal } from "../operator/status/judgement.ts";
import { resultRows, ROW_TITLES } from "./report/resultRows.ts";
import { subjectOf } from "./selection.ts";
import type { Terminal } from "./terminal.ts";

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "   ",
};

/**
 * Returns a test as a headline and a table: for each expectation a row for each source and target, with the worst path between
 * them. The headline is what a wait would make of the test now.
 */
export function testMatrix(test: ConnectivityTest, now: Date, { colour }: Pick<Terminal, "colour">): string {
  const { state, message } = judgeGoal(test, { uid: test.metadata.uid }, now);
  const table = new Table({
    head: ROW_TITLES,
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of matrixRows(test)) table.push(row.map((cell) => colour(cell, cell)));
  const lines = table.toString().split("\n");
  const headline = `${subjectOf(test.metadata)}: ${colour(state, state)}: ${message}`;
  return [headline, runLine(test), ...lines.map((line) => `  ${line.trimEnd()}`)].join("\n");
}

function runLine({ status: { run, validUntil } }: ConnectivityTest): string {
  if (run === undefined) return "  no run has ended";
  const validity = validUntil === undefined ? "" : `, valid until ${validUntil}`;
  return `  run ${run.id} ended at ${run.finishedAt}${validity}`;
}

const NO_RESULT_YET = { actual: "-", verdict: "Pending", pathCount: 0, paths: [] };

/** The cells of the table, in the order of the spec. Results of another generation are left out. */
export function matrixRows({ metadata, spec, status }: ConnectivityTest): string[][] {
  const isCurrent = status.observedGeneration === metadata.generation;
  const results = isCurrent ? (status.expectations ?? []) : [];
  return spec.expectations.flatMap(({ name, expect }) => {
    const result = results.find((each) => each.name === name);
    return resultRows(result ?? { name, expected: expect, ...NO_RESULT_YET });
  });
}
