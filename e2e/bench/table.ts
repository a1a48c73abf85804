import { benchTable } from "./cpu/benchTable.ts";
import type { Measured } from "./measure.ts";

interface Column {
  readonly title: string;
  readonly cell: (median: Measured, all: readonly Measured[]) => string;
}

const seconds = (value: number) => value.toFixed(2);

const COLUMNS: readonly Column[] = [
  { title: "expectations", cell: ({ expectations }) => String(expectations) },
  { title: "paths", cell: ({ paths }) => String(paths) },
  { title: "probe pods", cell: ({ probePods }) => String(probePods) },
  { title: "verdict s", cell: ({ verdict }) => seconds(verdict) },
  { title: "floor s", cell: ({ floor }) => seconds(floor) },
  { title: "window s", cell: ({ window }) => seconds(window) },
  {
    title: "overhead s (min…max)",
    cell: ({ overhead }, all) =>
      `${seconds(overhead)} (${seconds(Math.min(...all.map((one) => one.overhead)))}…${seconds(Math.max(...all.map((one) => one.overhead)))})`,
  },
  {
    title: "verdict/(floor+window)",
    cell: ({ verdict, floor, window }) => (verdict / (floor + window)).toFixed(2),
  },
  {
    title: "requests/expectation",
    cell: ({ requests, expectations }) => (requests / expectations).toFixed(2),
  },
  { title: "operator CPU s", cell: ({ operatorCpu }) => operatorCpu.toFixed(2) },
  { title: "operator RSS MiB", cell: ({ operatorResident }) => (operatorResident / 2 ** 20).toFixed(0) },
  { title: "starved attempts", cell: ({ probeErrors }) => String(probeErrors) },
];

/** A Markdown table with one row for each size: the run of median overhead, and the range of all. */
export function table(rows: readonly (readonly Measured[])[]): string {
  const lines = rows.flatMap((all) => {
    const median = all.toSorted((one, other) => one.overhead - other.overhead)[Math.floor(all.length / 2)];
    return median ? [COLUMNS.map(({ cell }) => cell(median, all))] : [];
  });
  const head = COLUMNS.map(({ title }) => title);
  return benchTable(head, lines, () => true);
}
