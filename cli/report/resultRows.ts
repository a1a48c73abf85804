/** The titles of the cells of a row. */
export const ROW_TITLES = ["EXPECTATION", "FROM", "TO", "EXPECTED", "ACTUAL", "VERDICT", "REASON"];
const NO_CELL = "-";

/** The part of the result of an expectation that a table shows. */
export interface RowResult {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
  readonly verdict: string;
  readonly reason?: string | undefined;
  readonly pathCount: number;
  /** Ordered by severity. */
  readonly paths: readonly Readonly<Record<"from" | "to" | "actual" | "verdict" | "reason", string>>[];
}

/**
 * Returns a row for each source and target of an expectation, with the worst path between them; and a row for the paths that the
 * status does not have.
 */
export function resultRows({ name, expected, paths, pathCount, ...result }: RowResult): string[][] {
  const pairs = [...Map.groupBy(paths, ({ from, to }) => `${from}\n${to}`).values()];
  const rows = pairs.flatMap(([path]) =>
    path ? [[name, path.from, path.to, expected, path.actual, path.verdict, path.reason]] : [],
  );
  const { actual, verdict, reason = NO_CELL } = result;
  if (rows.length === 0) return [[name, NO_CELL, NO_CELL, expected, actual, verdict, reason]];
  const hidden = pathCount - paths.length;
  return hidden > 0 ? [...rows, [name, `and ${hidden} more paths`, "", expected, "", "", ""]] : rows;
}
