import { z } from "zod";

/** How many tests passed and failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});

/**
 * Counts a report of vitest. A test that did not run counts as failed, since nothing is skipped silently; so does a run
 * that failed although no test did (a file that could not be loaded, an error outside every test).
 */
export function testCountsOf(report: unknown): TestCounts {
  const { success, numPassedTests, ...counts } = reportSchema.parse(report);
  const failed = counts.numFailedTests + counts.numPendingTests + counts.numTodoTests;
  return { passed: numPassedTests, failed: success ? failed : Math.max(failed, 1) };
}

export function sum(tallies: readonly TestCounts[]): TestCounts {
  return tallies.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** The last line of `npm test`. */
export function testCountsLine({ passed, failed }: TestCounts): string {
  return `${passed} passed, ${failed} failed`;
}
