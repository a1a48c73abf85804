import { z } from "zod";

/** What the reporter `fileTimesReporter.ts` writes: how long each file of tests took, in seconds. */
export const fileTimesSchema = z.array(
  z.object({
    /** In the checkout. */
    path: z.string(),
    /** On its worker: from loading it until its last hook has ended. */
    seconds: z.number().nonnegative(),
    tests: z.array(z.object({ name: z.string(), seconds: z.number().nonnegative() })),
  }),
);
export type FileTime = z.infer<typeof fileTimesSchema>[number];
