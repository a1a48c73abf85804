import { z } from "zod";
import { durationBetween, parseDuration } from "./duration.ts";
import { withRules } from "./validationRules.ts";

/** How often and how long a path is tried until it settles. */
export const probingSchema = withRules(
  z.object({
    rounds: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe("Allowed settles when this number of last rounds agree. Default 3."),
    deniedRounds: z
      .int()
      .min(2)
      .max(15)
      .default(5)
      .describe("Denied settles when this number of last rounds agree. Default 5."),
    maxRounds: z
      .int()
      .min(4)
      .max(60)
      .default(15)
      .describe(
        "After this number of rounds, a path that has not settled is unsettled. At least twice deniedRounds. Default 15.",
      ),
    interval: durationBetween("200ms", "10s")
      .default("1s")
      .describe("From the start of one round to the next, 200ms to 10s. Default 1s."),
    timeout: durationBetween("500ms", "10s")
      .default("2s")
      .describe("The timeout of one attempt, 500ms to 10s. Default 2s."),
  }),
  [
    {
      cel: "self.maxRounds >= 2 * self.deniedRounds && self.maxRounds >= self.rounds",
      message: "maxRounds must be at least twice deniedRounds, and at least rounds",
      holds: ({ maxRounds, deniedRounds, rounds }) => maxRounds >= 2 * deniedRounds && maxRounds >= rounds,
    },
  ],
);
export type Probing = z.infer<typeof probingSchema>;

/** The same settings in milliseconds. */
export function probingTimes({ interval, timeout }: Probing): { interval: number; timeout: number } {
  return { interval: parseDuration(interval) ?? 1_000, timeout: parseDuration(timeout) ?? 2_000 };
}
