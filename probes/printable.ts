/** The text as one line of printable ASCII, cut to a length: what others wrote may hold anything. */
export function printable(text: string, longest: number): string {
  return text
    .replaceAll(/[^ -~]+/g, " ")
    .trim()
    .slice(0, longest)
    .trimEnd();
}
