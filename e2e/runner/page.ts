/** A page whose end a run writes: the text before the mark stays, everything after it is rewritten. */
export function withLines(page: string, mark: string, lines: readonly string[]): string {
  const [before = ""] = page.split(mark);
  return `${before}${mark}\n\n${lines.join("\n")}\n`;
}

/** A text as a cell of a Markdown table. */
export const cell = (text: string) => text.replaceAll("|", String.raw`\|`).replaceAll("\n", " ");
