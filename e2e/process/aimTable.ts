/** What was measured, and what it is to be at most or at least. */
export interface AimRow {
  readonly title: string;
  readonly measured: string;
  /** `–`: none. */
  readonly aim: string;
  readonly isMet: boolean;
}

/** Prints measurements and their aims as a Markdown table. Returns whether all aims are met. */
export function reportAims(rows: readonly AimRow[]): boolean {
  const lines = rows.map(({ title, measured, aim, isMet }) => [title, measured, aim, isMet ? "yes" : "no"]);
  const table = [["what", "measured", "aim", "met"], ["---", "---", "---", "---"], ...lines];
  process.stdout.write(`${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`);
  return rows.every(({ isMet }) => isMet);
}
