/** Returns a Markdown table. A cell may contain any text of one line. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = `|${"---|".repeat(head.length)}`;
  return [lineOf(head), rule, ...rows.map(lineOf)].join("\n");
}

const lineOf = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
