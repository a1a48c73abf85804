/** Returns the text as one line of printable ASCII, cut to a length: external text may contain any characters. */
export function printable(text: string, longest: number): string {
  return text
    .replaceAll(/[^ -~]+/g, " ")
    .trim()
    .slice(0, longest)
    .trimEnd();
}

/** Returns the text as one line for people, without control characters, cut to a number of characters. */
export function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(/[^ -~→…]+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}

/**
 * The same, shortened in the middle: an error message begins with the failed operation and ends with the cause,
 * because each layer adds its text before that of the layer below.
 */
export function truncateMiddle(text: string, longest: number): string {
  const line = oneLine(text, Infinity);
  if (line.length <= longest) return line;
  const half = Math.floor((longest - 3) / 2);
  return `${line.slice(0, half).trimEnd()} … ${line.slice(-half).trimStart()}`;
}
