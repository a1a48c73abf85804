import { relative } from "node:path";

import { z } from "zod";

/** What is read of vitest's JSON report. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** How one file went. */
export interface Result {
  readonly passed: number;
  /** The names of the tests that failed, or did not run. */
  readonly failed: readonly string[];
}

/** How the files of a report went, by their paths in the checkout. */
export function resultsOf(report: unknown, root: string): ReadonlyMap<string, Result> {
  return new Map(
    reportSchema.parse(report).testResults.map((file) => {
      const isPassed = ({ status }: { status: string }) => status === "passed";
      const failed = file.assertionResults.filter((test) => !isPassed(test)).map(({ fullName }) => fullName);
      // A file can fail without any of its tests: while it is loaded, or in a hook.
      if (failed.length === 0 && !isPassed(file)) failed.push("the file itself");
      const passed = file.assertionResults.filter(isPassed).length;
      return [relative(root, file.name), { passed, failed }] as const;
    }),
  );
}
