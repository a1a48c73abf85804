import { z } from "zod";
import { endedRunSchema, pathStatusSchema } from "../../../crds/connectivitytest.ts";
import { timeSchema } from "../../../crds/metadata.ts";

/** The version of the JSON below. It changes when a field vanishes or changes its meaning; fields may be added without. */
const REPORT_VERSION = 1;

export const reportedVerdictSchema = z
  .enum(["Passed", "Failed", "Inconclusive", "Pending"])
  .describe(
    "Pending: there is no verdict of the current spec yet, or a run that may change it is in progress.",
  );

export const reportedResultSchema = z
  .object({
    name: z.string().describe("The expectation's name."),
    expected: z.string().describe("Allowed or Denied."),
    actual: z.string().describe("Allowed, Denied or Unknown."),
    verdict: reportedVerdictSchema,
    reason: z.string().optional().describe("The reason of the verdict, in one word."),
    message: z.string().describe("The result in a sentence."),
    since: timeSchema.optional().describe("When the verdict last changed."),
    pathCount: z.int().min(0).describe("The number of paths; `paths` has at most 8 of them, the worst."),
    paths: z.array(pathStatusSchema),
  })
  .describe("One expectation.");
/** Of an expectation, and of a test. */
export type ReportedVerdict = z.infer<typeof reportedVerdictSchema>;
export type ReportedResult = z.infer<typeof reportedResultSchema>;

export const reportedTestSchema = z
  .object({
    kind: z.string(),
    namespace: z.string().describe("Empty for a ClusterConnectivityTest."),
    name: z.string(),
    generation: z.int().min(0).describe("The generation of the spec."),
    verdict: reportedVerdictSchema,
    message: z.string().describe("The worst expectation, or why there is no verdict, in a sentence."),
    run: z
      .object({ id: z.string(), trigger: z.string(), startedAt: timeSchema, finishedAt: timeSchema })
      .optional()
      .describe("The run that decided; omitted if none did."),
    validUntil: timeSchema.optional().describe("When the verdict becomes stale."),
    history: z.array(endedRunSchema).describe("The last 10 runs, the newest first."),
    expectations: z
      .array(reportedResultSchema)
      .describe("In the order of the spec. Empty if this version cannot read the spec."),
  })
  .describe("One test, with no result that `netverdict wait` would not accept.");
export type ReportedTest = z.infer<typeof reportedTestSchema>;

export const reportSchema = z.object({
  version: z.literal(REPORT_VERSION),
  createdAt: timeSchema.describe("When the tests were read, by the clock of the machine that did."),
  tests: z.array(reportedTestSchema),
});
/** What `netverdict report` has to say about tests, in each of its formats. */
export type ConnectivityReport = z.infer<typeof reportSchema>;

export const createReport = (createdAt: Date, tests: readonly ReportedTest[]): ConnectivityReport => ({
  version: REPORT_VERSION,
  createdAt: createdAt.toISOString(),
  tests: [...tests],
});

/**
 * The results of a test: one for each expectation. A test whose spec cannot be read has one for itself, because a test without
 * results would count as passed for most readers.
 */
export function resultsOf(test: ReportedTest): readonly ReportedResult[] {
  if (test.expectations.length > 0) return test.expectations;
  const { verdict, message } = test;
  const own = { name: "spec", expected: "Unknown", actual: "Unknown", message, pathCount: 0, paths: [] };
  return [{ ...own, verdict: verdict === "Passed" ? "Inconclusive" : verdict }];
}
