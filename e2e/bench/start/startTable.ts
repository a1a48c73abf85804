import { benchTable } from "../cpu/benchTable.ts";
import { median } from "../cpu/median.ts";
import type { ProgramName } from "./programs.ts";
import type { StartCost } from "./startCost.ts";

/** All starts of one program. */
export interface StartRow {
  readonly program: ProgramName;
  readonly before: readonly StartCost[];
  readonly now: readonly StartCost[];
}

/** A Markdown table: a row for each program and each resource, with the medians of both builds and their ratio. */
export function startTable(rows: readonly StartRow[], against: string): string {
  const head = ["program", "resource", `at ${against}`, "now", "ratio"];
  const lines = rows.flatMap(({ program, before, now }) =>
    RESOURCES.map(({ title, value, digits }) => {
      const [was, is] = [median(before.map(value)), median(now.map(value))];
      return [program, title, was.toFixed(digits), is.toFixed(digits), (is / was).toFixed(2)];
    }),
  );
  return benchTable(head, lines, (column) => column > 1);
}

const RESOURCES = [
  { title: "CPU s", value: ({ cpuSeconds }: StartCost) => cpuSeconds, digits: 3 },
  { title: "memory MB", value: ({ megabytes }: StartCost) => megabytes, digits: 1 },
] as const;
