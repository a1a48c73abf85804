import { benchTable } from "./benchTable.ts";

/** What must hold: at most this part of what the build before takes, or at most so many milliseconds. */
export type Aim = { readonly ratio: number } | { readonly ms: number };

/** One piece of work; times in milliseconds of CPU. */
export interface Row {
  readonly work: string;
  readonly size: string;
  /** By the build before; undefined: not measured. */
  readonly before?: number | undefined;
  readonly now: number;
  readonly aim: Aim;
}

const ratioOf = ({ before, now }: Row) => (before === undefined ? undefined : now / before);

/** Whether the aim is met; undefined: it is a part of what the build before takes, which was not measured. */
export function isMet(row: Row): boolean | undefined {
  if ("ms" in row.aim) return row.now <= row.aim.ms;
  const ratio = ratioOf(row);
  return ratio === undefined ? undefined : ratio <= row.aim.ratio;
}

const number = (value: number | undefined) =>
  value === undefined ? "" : String(Number(value.toPrecision(3)));

const aimOf = ({ aim }: Row) => ("ms" in aim ? `${aim.ms} ms` : `${aim.ratio} × before`);

const wordOf = (row: Row) => ({ true: "yes", false: "**no**", undefined: "not measured" })[`${isMet(row)}`];

/** A Markdown table of all pieces of work. */
export function cpuTable(rows: readonly Row[]): string {
  const head = ["work", "size", "before ms", "now ms", "ratio", "at most", "met"];
  const lines = rows.map((row) => [
    row.work,
    row.size,
    number(row.before),
    number(row.now),
    number(ratioOf(row)),
    aimOf(row),
    wordOf(row),
  ]);
  return benchTable(head, lines, (column) => column > 1 && column < 5);
}
