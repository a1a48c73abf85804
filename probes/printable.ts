/** The text as one line of printable ASCII, cut to a length: what others wrote may hold anything. */
export function printable(text: string, longest: number): string {
  return text
    .replaceAll(/[^ -~]+/g, " ")
    .trim()
    .slice(0, longest)
    .trimEnd();
}

/** The text as one line for people, without anything that a terminal would act on, cut to so many letters. */
export function oneLine(text: string, longest: number): string {
  const line = text.replaceAll(/[^ -~→…]+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}

/**
 * Likewise, with the middle left out: what the cluster says begins with where it went wrong and ends with why, since
 * each layer puts its words before those of the one below.
 */
export function bothEnds(text: string, longest: number): string {
  const line = oneLine(text, Infinity);
  if (line.length <= longest) return line;
  const half = Math.floor((longest - 3) / 2);
  return `${line.slice(0, half).trimEnd()} … ${line.slice(-half).trimStart()}`;
}
