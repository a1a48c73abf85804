import { openSync, writeSync } from "node:fs";

/**
 * Writes the termination message again and again. Each time it is one write over what was there, padded where that was
 * longer: a runner that is killed leaves the one message or the other, never half of one.
 */
export function openTerminationLog(path: string): (message: string) => void {
  const file = openSync(path, "w");
  let longest = 0;
  return (message) => {
    longest = Math.max(longest, message.length);
    writeSync(file, message.padEnd(longest), 0);
  };
}
