import { z } from "zod";
import { conditionSchema } from "./conditions.ts";
import { timeSchema } from "./metadata.ts";
import { openEnum } from "./openenum.ts";
import { reasonSchema, type Reason } from "./reasons.ts";
import {
  actualSchema,
  type Actual,
  expectSchema,
  type Expect,
  outcomeSchema,
  type Outcome,
  proofSchema,
  type Proof,
  testVerdictSchema,
  triggerSchema,
  verdictSchema,
} from "./vocabulary.ts";

/** The maximum number of paths in one test. The plan rejects more, so the status never has more. */
export const MAX_PATHS = 256;
/** How often one run is attempted at most. */
export const MAX_ATTEMPTS = 4;
/** The maximum number of paths of one expectation in the status; the ProbeRun has all of them. */
export const MAX_PATHS_SHOWN = 8;

/** The maximum length of the message of an expectation, a finding or a probe pod. */
export const MAX_EXPECTATION_MESSAGE = 512;
/** The maximum length of the message of a condition. */
export const CONDITION_MESSAGE_LENGTH = 1024;
/** The length of the end of a message that says since when. */
const SINCE_SUFFIX_LENGTH = 42;
/** The maximum length of a message before the end that says since when. */
export const MAX_MESSAGE_BEFORE_SINCE = MAX_EXPECTATION_MESSAGE - SINCE_SUFFIX_LENGTH;

/** A verdict that this version does not know counts as Inconclusive: its meaning cannot be compared. */
const storedVerdictSchema = openEnum(verdictSchema).transform(
  (verdict) => verdictSchema.safeParse(verdict).data ?? "Inconclusive",
);
const storedTestVerdictSchema = openEnum(testVerdictSchema).transform(
  (verdict) => testVerdictSchema.safeParse(verdict).data ?? "Inconclusive",
);

/** One path as the status shows it. */
export const pathStatusSchema = z
  .object({
    from: z
      .string()
      .max(320)
      .describe(
        "The source workload, as Kind/name. If policies distinguish its pods: followed by the labels of those that this source is, such as (role=primary).",
      ),
    to: z.string().max(320).describe("The target as the author named it, such as Service/catalog."),
    address: z.string().max(320).describe("The address and port that were tried, or the name looked up."),
    verdict: storedVerdictSchema,
    reason: openEnum(reasonSchema),
    actual: openEnum(actualSchema),
    outcome: openEnum(outcomeSchema).optional(),
    samples: z.string().max(60).describe("The result of every round, one letter per round."),
    settledAfter: z
      .string()
      .max(24)
      .optional()
      .describe("Set if earlier rounds had another result: the duration of these rounds."),
    latency: z.string().max(24).optional().describe("Of the last successful attempt."),
    node: z.string().max(253).optional().describe("The node of the probe pod."),
    command: z
      .string()
      .max(512)
      .optional()
      .describe("The command that ran; set on the expectation's worst path."),
    proof: proofSchema,
  })
  .describe("One source workload to one address, port and family.");
/** As the operator writes it: with the words of this version alone. */
export type PathStatus = z.infer<typeof pathStatusSchema> & {
  readonly reason: Reason;
  readonly actual: Actual;
  readonly outcome?: Outcome;
  readonly proof: Proof;
};

export const expectationStatusSchema = z
  .object({
    name: z.string().max(63).describe("The expectation's name in the spec."),
    expected: openEnum(expectSchema),
    actual: openEnum(actualSchema),
    verdict: storedVerdictSchema,
    reason: openEnum(reasonSchema),
    message: z.string().max(MAX_EXPECTATION_MESSAGE).describe("The result in a sentence."),
    lastTransitionTime: timeSchema.describe("When the verdict last changed."),
    pathCount: z.int().min(0).max(MAX_PATHS).describe("The number of paths of the expectation."),
    paths: z
      .array(pathStatusSchema)
      .max(MAX_PATHS_SHOWN)
      .prefault([])
      .describe("The worst paths, at most 8. The ProbeRun has all of them."),
  })
  .describe("The result of one expectation.");
/** An expectation status as it is stored: some enum values may be of another version. */
export type ExpectationStatus = z.infer<typeof expectationStatusSchema>;
/** As the operator writes it. */
export type WrittenExpectation = Omit<ExpectationStatus, "paths"> & {
  readonly expected: Expect;
  readonly actual: Actual;
  readonly reason: Reason;
  readonly paths: PathStatus[];
};

export const runStatusSchema = z.object({
  id: z.string().max(32).describe("The run's id; its ProbeRun is named after it."),
  trigger: openEnum(triggerSchema),
  startedAt: timeSchema.describe("When the run started."),
  finishedAt: timeSchema.describe("When the run ended."),
  generation: z.int().min(0).describe("The generation of the spec that the run tested."),
  attempts: z
    .int()
    .min(1)
    .max(MAX_ATTEMPTS)
    .optional()
    .describe("How many attempts the run had. The result is that of the last one."),
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
    verdict: storedVerdictSchema,
    finishedAt: timeSchema.describe("When the run ended."),
    text: z.string().max(16).describe("passed/total"),
  })
  .describe("A run that ended.");

export const connectivityTestStatusSchema = z.object({
  observedGeneration: z
    .int()
    .min(-1)
    .default(-1)
    .describe(
      "The generation of the spec that this status describes; -1 before the operator has read the test.",
    ),
  verdict: storedTestVerdictSchema.optional(),
  summary: summarySchema.optional().describe("How many expectations passed."),
  message: z
    .string()
    .max(CONDITION_MESSAGE_LENGTH)
    .optional()
    .describe("The worst expectation, in a sentence."),
  run: runStatusSchema.optional().describe("The last run that ended."),
  nextRunAt: timeSchema.optional().describe("When the next run is due."),
  validUntil: timeSchema
    .optional()
    .describe("When this verdict becomes stale, unless another run renews it."),
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
      description: "The result of each expectation in the last run.",
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
