import { openSync, writeSync } from "node:fs";

/**
 * Writes the termination message repeatedly. Each write replaces the previous message in one operation, padded if
 * that was longer. A runner that is killed leaves one of the two messages, never a part.
 */
export function openTerminationLog(path: string): (message: string) => void {
  const file = openSync(path, "w");
  let longest = 0;
  return (message) => {
    longest = Math.max(longest, message.length);
    writeSync(file, message.padEnd(longest), 0);
  };
}
