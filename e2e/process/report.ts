/** Takes one line of progress. */
export type Report = (line: string) => void;

/** Where lines of progress go: standard error, or a stand-in. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The line at the bottom of a terminal that is rewritten as work goes on; in a log there is none. */
let moving = "";

const ERASE_LINE = "\r\u001B[K";

/** Progress lines on standard error, each with the seconds since `started`. */
export function timedReport(started: number = Date.now(), screen: Screen = process.stderr): Report {
  return (line) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    if (moving !== "") screen.write(ERASE_LINE);
    screen.write(`${seconds.padStart(7)}s  ${line}\n`);
    if (moving !== "") screen.write(moving);
  };
}

/**
 * Shows a line that the next one replaces; "" takes it away. Gives false, and shows nothing, where lines cannot move: in
 * a log, or in a pipe.
 */
export function showMoving(line: string, screen: Screen = process.stderr): boolean {
  if (screen.isTTY !== true) return false;
  // A line that wraps could not be erased.
  moving = line.slice(0, (screen.columns ?? 80) - 1);
  screen.write(`${ERASE_LINE}${moving}`);
  return true;
}
