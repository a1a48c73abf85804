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
/** The maximum number of tokens that wait for a run, and of those whose results are kept. */
export const MAX_REQUESTS = 16;
/** How often one run is attempted at most for transient reasons. */
export const MAX_ATTEMPTS = 4;
/** How often one run is attempted at most before the progress deadline of its test. */
export const MAX_PROGRESS_ATTEMPTS = 1_000;
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
  generation: z
    .int()
    .min(0)
    .describe("The generation of the spec that the run tested; the latest one, if only suspend has changed."),
  specDigest: z.string().max(64).optional().describe("A digest of the spec that it tested, without suspend."),
  attempts: z
    .int()
    .min(1)
    .max(MAX_PROGRESS_ATTEMPTS)
    .optional()
    .describe("How many attempts the run had. The result is that of the last one."),
  queuedSeconds: z
    .int()
    .min(0)
    .optional()
    .describe("How long the attempts of the run were queued before they started. If omitted: not at all."),
});

export const waitsForSchema = z
  .enum([
    "EarlierRuns", // runs that start before it
    "NamespaceLimit", // the pods of its namespace's tests: NETVERDICT_MAX_PODS_PER_NAMESPACE
    "ClusterLimit", // the pods of all tests: NETVERDICT_MAX_PODS
    "NodeCPU", // the CPU of a node that its other pods leave
    "NodePods", // the pods that a node has room for
    "NamespaceStarts", // the pods of its namespace's tests that start on a node at the same time
    "NodeStarts", // the pods of all tests that start on a node at the same time
  ])
  .describe(
    "What the run waits for. EarlierRuns: runs that start before it. NamespaceLimit, ClusterLimit: until fewer pods of runs are in progress in its namespace, in the cluster. NodeCPU, NodePods: until a node of its pods has room for them. NamespaceStarts, NodeStarts: until fewer pods of its namespace's tests, of all tests, are starting on a node of its pods.",
  );
export type WaitsFor = z.infer<typeof waitsForSchema>;

const queuedSchema = z.object({
  since: timeSchema.describe("Since when it is queued."),
  waitsFor: openEnum(waitsForSchema),
});
export type QueuedStatus = z.infer<typeof queuedSchema>;

export const handledRequestSchema = z
  .object({
    token: z.string().max(256).describe("The token of the annotation netverdict.dev/run-requested."),
    verdict: storedVerdictSchema.describe(
      "The verdict of the run that started for it; if a pod with the readiness gate requested it, that of the pod's own paths. Inconclusive if no run could start.",
    ),
    reason: openEnum(reasonSchema).describe(
      "The reason of the worst expectation; or why no run could start, such as Suspended.",
    ),
    message: z
      .string()
      .max(MAX_EXPECTATION_MESSAGE)
      .describe("The worst expectation, or why no run could start, in a sentence."),
    run: z
      .string()
      .max(32)
      .optional()
      .describe("The id of the run. Omitted while no run can start: the result is preliminary."),
    generation: z.int().min(0).describe("The generation of the spec that the run tested."),
    finishedAt: timeSchema.describe("When the run ended, or when the operator could not start it."),
  })
  .describe("The result of one request.");
export type HandledRequest = z.infer<typeof handledRequestSchema>;

const summarySchema = z.object({
  total: z.int().min(0).max(128).describe("How many expectations the run had."),
  passed: z.int().min(0).max(128).describe("How many passed."),
  failed: z.int().min(0).max(128).describe("How many failed."),
  inconclusive: z.int().min(0).max(128).describe("How many were inconclusive."),
  text: z.string().max(16).describe("passed/total"),
});

export const endedRunSchema = z
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
  queued: queuedSchema
    .optional()
    .describe(
      "Set while the next run, or the next attempt of it, is due and waits until runs in progress have ended.",
    ),
  nextRunAt: timeSchema.optional().describe("When the next run is due."),
  validUntil: timeSchema
    .optional()
    .describe("When this verdict becomes stale, unless another run renews it."),
  lastHandledRequest: z
    .string()
    .max(256)
    .optional()
    .describe("The last token of the annotation netverdict.dev/run-requested whose run has ended."),
  handledRequests: z
    .array(handledRequestSchema)
    .max(MAX_REQUESTS)
    .optional()
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["token"],
      description:
        "The results of the last 16 tokens, the newest first. A token that was not used before has the result of a run that started after it was written.",
    }),
  pendingRequests: z.array(z.string().max(256)).max(MAX_REQUESTS).optional().meta({
    "x-kubernetes-list-type": "set",
    description: "The tokens that have no result yet, the oldest first.",
  }),
  expectations: z
    .array(expectationStatusSchema)
    .max(128)
    .optional()
    .meta({
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      description: "The result of each expectation in the last run.",
    }),
  history: z.array(endedRunSchema).max(10).optional().describe("The last 10 runs."),
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
