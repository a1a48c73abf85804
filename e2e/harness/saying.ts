import { z } from "zod";

import { reasonSchema } from "../../crds/reasons.ts";
import { expectSchema, verdictSchema } from "../../crds/vocabulary.ts";

/** A row of docs/never-mistaken.md, as a scenario has really seen it. */
export const reportedCaseSchema = z.object({
  /** The fault, in the words of the table. */
  when: z.string(),
  expect: expectSchema,
  verdict: verdictSchema.exclude(["Passed"]),
  reason: reasonSchema,
  /** The message, with the names and numbers of that run. */
  message: z.string(),
});
export type ReportedCase = z.infer<typeof reportedCaseSchema>;
