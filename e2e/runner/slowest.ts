import type { FileTime } from "./fileTimes.ts";

/** So many are named. */
const NAMED = 10;

/** The files of scenarios that took longest, the longest first, each with what took longest in it. */
export function slowest(times: readonly FileTime[]): string[] {
  const files = times.toSorted((one, other) => other.seconds - one.seconds).slice(0, NAMED);
  if (files.length === 0) return [];
  return [
    `the ${files.length} slowest files of scenarios, each with what took longest in it:`,
    ...files.flatMap((file) => {
      const part = longestPart(file);
      return [line(file.seconds, file.path), `       ${line(part.seconds, part.name)}`];
    }),
  ];
}

/** A test of the file, or what is none: its hooks, and loading it. */
function longestPart({ seconds, tests }: FileTime): FileTime["tests"][number] {
  const rest = seconds - tests.reduce((sum, test) => sum + test.seconds, 0);
  const parts = [...tests, { name: "outside of its tests: hooks and loading", seconds: rest }];
  return parts.reduce((one, other) => (other.seconds > one.seconds ? other : one));
}

const line = (seconds: number, what: string) => `${seconds.toFixed(0).padStart(5)} s  ${what}`;
