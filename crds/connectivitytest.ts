import { z } from "zod";
import { conditionSchema } from "./conditions.ts";
import { durationBetween, parseDuration } from "./duration.ts";
import { expectationSchema } from "./expectation.ts";
import { metadataSchema, timeSchema } from "./object.ts";
import { reasonSchema } from "./reasons.ts";
import { withRules } from "./rules.ts";
import {
  actualSchema,
  expectSchema,
  familySchema,
  outcomeSchema,
  proofSchema,
  testVerdictSchema,
  triggerSchema,
  verdictSchema,
} from "./words.ts";

/** At most this many paths in one test: plan refuses more, the status shows no more. */
export const MAX_PATHS = 256;
/** At most this many paths of one expectation stand in the status; all of them stand in the ProbeRun. */
export const MAX_PATHS_SHOWN = 8;

const scheduleSchema = withRules(
  z.object({
    every: durationBetween("1m", "720h")
      .optional()
      .meta({ description: "From the start of one run to the next." }),
    cron: z.string().min(9).max(128).optional().meta({ description: "Five fields, as in a CronJob." }),
    timeZone: z.string().max(64).optional().meta({ description: "IANA name for cron; left out: UTC." }),
  }),
  [
    {
      cel: "has(self.every) != has(self.cron)",
      message: "exactly one of every, cron must be set",
      holds: ({ every, cron }) => (every === undefined) !== (cron === undefined),
    },
    {
      cel: "!has(self.timeZone) || has(self.cron)",
      message: "timeZone goes with cron",
      holds: ({ timeZone, cron }) => timeZone === undefined || cron !== undefined,
    },
  ],
);
export type Schedule = z.infer<typeof scheduleSchema>;

export const probingSchema = withRules(
  z.object({
    rounds: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .meta({ description: "Allowed settles when this many last rounds agree." }),
    deniedRounds: z
      .int()
      .min(2)
      .max(15)
      .default(5)
      .meta({ description: "Denied settles when this many last rounds agree." }),
    maxRounds: z
      .int()
      .min(4)
      .max(60)
      .default(15)
      .meta({ description: "After this many rounds the path has not settled." }),
    interval: durationBetween("200ms", "10s")
      .default("1s")
      .meta({ description: "From the start of one round to the next." }),
    timeout: durationBetween("500ms", "10s")
      .default("2s")
      .meta({ description: "How long one attempt may take." }),
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

export const connectivityTestSpecSchema = z.object({
  expectations: z
    .array(expectationSchema)
    .min(1)
    .max(128)
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
  schedule: scheduleSchema.optional().meta({ description: "Left out: one run per change of the spec." }),
  probing: probingSchema.prefault({}),
  ipFamilies: z.array(familySchema).min(1).max(2).optional().meta({
    "x-kubernetes-list-type": "set",
    description: "Left out: the target's own families. One that the target lacks is Inconclusive.",
  }),
  keepProbePods: z
    .enum(["Never", "OnFailure"])
    .default("Never")
    .meta({ description: "OnFailure keeps the probe pods of a run that did not pass for an hour." }),
  suspend: z.boolean().default(false).meta({ description: "No run begins while true; one under way ends." }),
});
export type ConnectivityTestSpec = z.infer<typeof connectivityTestSpecSchema>;

/** One path as the status shows it. */
export const pathStatusSchema = z.object({
  from: z.string().max(320),
  to: z.string().max(320),
  address: z.string().max(320),
  verdict: verdictSchema,
  reason: reasonSchema,
  actual: actualSchema,
  outcome: outcomeSchema.optional(),
  samples: z.string().max(60).meta({ description: "One letter a round." }),
  settledAfter: z.string().max(24).optional().meta({ description: "Set when earlier rounds had disagreed." }),
  latency: z.string().max(24).optional(),
  node: z.string().max(253).optional(),
  command: z.string().max(512).optional().meta({ description: "What ran, on the expectation's worst path." }),
  proof: proofSchema,
});
export type PathStatus = z.infer<typeof pathStatusSchema>;

export const expectationStatusSchema = z.object({
  name: z.string().max(63),
  expected: expectSchema,
  actual: actualSchema,
  verdict: verdictSchema,
  reason: reasonSchema,
  message: z.string().max(512),
  lastTransitionTime: timeSchema,
  pathCount: z.int().min(0).max(MAX_PATHS),
  paths: z.array(pathStatusSchema).max(MAX_PATHS_SHOWN).default([]),
});
export type ExpectationStatus = z.infer<typeof expectationStatusSchema>;

export const runStatusSchema = z.object({
  id: z.string().max(32),
  trigger: triggerSchema,
  startedAt: timeSchema,
  finishedAt: timeSchema,
  generation: z.int().min(0),
});

export const connectivityTestStatusSchema = z.object({
  observedGeneration: z.int().min(-1).default(-1),
  verdict: testVerdictSchema.optional(),
  summary: z
    .object({
      total: z.int().min(0).max(128),
      passed: z.int().min(0).max(128),
      failed: z.int().min(0).max(128),
      inconclusive: z.int().min(0).max(128),
      text: z.string().max(16).meta({ description: "passed/total" }),
    })
    .optional(),
  message: z.string().max(1024).optional(),
  run: runStatusSchema.optional().meta({ description: "The last run that ended." }),
  nextRunAt: timeSchema.optional(),
  validUntil: timeSchema
    .optional()
    .meta({ description: "When this verdict has gone stale, because no run has renewed it." }),
  lastHandledRequest: z.string().max(256).optional(),
  expectations: z
    .array(expectationStatusSchema)
    .max(128)
    .optional()
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
  history: z
    .array(
      z.object({
        id: z.string().max(32),
        verdict: verdictSchema,
        finishedAt: timeSchema,
        text: z.string().max(16),
      }),
    )
    .max(10)
    .optional(),
  conditions: z
    .array(conditionSchema)
    .max(16)
    .optional()
    .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] }),
});
export type ConnectivityTestStatus = z.infer<typeof connectivityTestStatusSchema>;

export const connectivityTestSchema = z.object({
  metadata: metadataSchema,
  spec: connectivityTestSpecSchema,
  status: connectivityTestStatusSchema.prefault({}),
});
/** A ConnectivityTest as read from the API server, which has pruned and defaulted it. */
export type ConnectivityTest = z.infer<typeof connectivityTestSchema>;
