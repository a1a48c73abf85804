/** Returns a Markdown table. The columns of numbers, which are those for which `isNumber` holds, are aligned to the right. */
export function benchTable(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  isNumber: (column: number) => boolean,
): string {
  const rule = head.map((_, column) => (isNumber(column) ? "---:" : "---"));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
