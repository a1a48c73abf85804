import { z } from "zod";
import { conditionSchema } from "./conditions.ts";
import { timeSchema } from "./object.ts";
import { reasonSchema } from "./reasons.ts";
import {
  actualSchema,
  expectSchema,
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

/** How many letters the message of an expectation may have, and of these the end that says since when. */
const MESSAGE_LENGTH = 512;
const SINCE_WHEN_LENGTH = 42;
/** At most this many letters of a message come before since when. */
export const LONGEST_MESSAGE = MESSAGE_LENGTH - SINCE_WHEN_LENGTH;

/** One path as the status shows it. */
export const pathStatusSchema = z
  .object({
    from: z.string().max(320).describe("The source workload, as Kind/name."),
    to: z.string().max(320).describe("The target as the author named it, such as Service/catalog."),
    address: z.string().max(320).describe("The address and port that were tried, or the name looked up."),
    verdict: verdictSchema,
    reason: reasonSchema,
    actual: actualSchema,
    outcome: outcomeSchema.optional(),
    samples: z.string().max(60).describe("What every round saw, one letter a round."),
    settledAfter: z.string().max(24).optional().describe("Set when earlier rounds had disagreed."),
    latency: z.string().max(24).optional().describe("Of the last attempt that got through."),
    node: z.string().max(253).optional().describe("The node of the probe pod."),
    command: z.string().max(512).optional().describe("What ran, on the expectation's worst path."),
    proof: proofSchema,
  })
  .describe("One source workload to one address, port and family.");
export type PathStatus = z.infer<typeof pathStatusSchema>;

export const expectationStatusSchema = z
  .object({
    name: z.string().max(63).describe("The expectation's name in the spec."),
    expected: expectSchema,
    actual: actualSchema,
    verdict: verdictSchema,
    reason: reasonSchema,
    message: z.string().max(MESSAGE_LENGTH).describe("What was found, in a sentence."),
    lastTransitionTime: timeSchema.describe("When the verdict last changed."),
    pathCount: z.int().min(0).max(MAX_PATHS).describe("How many paths the expectation came to."),
    paths: z
      .array(pathStatusSchema)
      .max(MAX_PATHS_SHOWN)
      .default([])
      .describe("The worst paths, at most 8. The ProbeRun has all of them."),
  })
  .describe("How one expectation fared.");
export type ExpectationStatus = z.infer<typeof expectationStatusSchema>;

export const runStatusSchema = z.object({
  id: z.string().max(32).describe("The run's id; its ProbeRun is named after it."),
  trigger: triggerSchema,
  startedAt: timeSchema.describe("When the run began."),
  finishedAt: timeSchema.describe("When the run ended."),
  generation: z.int().min(0).describe("The generation of the spec that ran."),
});

const summarySchema = z.object({
  total: z.int().min(0).max(128).describe("How many expectations the run had."),
  passed: z.int().min(0).max(128).describe("How many passed."),
  failed: z.int().min(0).max(128).describe("How many failed."),
  inconclusive: z.int().min(0).max(128).describe("How many were inconclusive."),
  text: z.string().max(16).describe("passed/total"),
});

const historySchema = z
  .object({
    id: z.string().max(32).describe("The run's id."),
    verdict: verdictSchema,
    finishedAt: timeSchema.describe("When the run ended."),
    text: z.string().max(16).describe("passed/total"),
  })
  .describe("A run that ended.");

export const connectivityTestStatusSchema = z.object({
  observedGeneration: z
    .int()
    .min(-1)
    .default(-1)
    .describe("The generation of the spec that this status speaks of; -1 before anybody has looked."),
  verdict: testVerdictSchema.optional(),
  summary: summarySchema.optional().describe("How many expectations passed."),
  message: z.string().max(1024).optional().describe("The worst finding, in a sentence."),
  run: runStatusSchema.optional().describe("The last run that ended."),
  nextRunAt: timeSchema.optional().describe("When the next run is due."),
  validUntil: timeSchema
    .optional()
    .describe("When this verdict has gone stale, because no run has renewed it."),
  lastHandledRequest: z
    .string()
    .max(256)
    .optional()
    .describe("The last token of the annotation netverdict.dev/run-requested whose run has ended."),
  expectations: z
    .array(expectationStatusSchema)
    .max(128)
    .optional()
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      description: "How each expectation fared in the last run.",
    }),
  history: z.array(historySchema).max(10).optional().describe("The last 10 runs."),
  conditions: z
    .array(conditionSchema)
    .max(16)
    .optional()
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
      description: "Passed and Ready; Reconciling and Stalled while they are true.",
    }),
});
export type ConnectivityTestStatus = z.infer<typeof connectivityTestStatusSchema>;
