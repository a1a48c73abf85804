/** Takes one line of progress. */
export type Report = (line: string) => void;

/** Progress lines on standard error, each with the seconds since `started`. */
export function timedReport(started: number = Date.now()): Report {
  return (line) =>
    process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(7)}s  ${line}\n`);
}

/** Runs long work with a line before it, one each 30 s (so that nobody takes it for hung) and one after it. */
export async function withProgress<T>(report: Report, what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = (): string => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  report(`${what} …`);
  const beat = setInterval(() => report(`${what}: still at it (${seconds()})`), 30_000);
  try {
    const result = await work();
    report(`${what}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(beat);
  }
}
