import { z } from "zod";
import { timeSchema } from "./metadata.ts";
import { openEnum } from "./openenum.ts";

/**
 * The conditions of a ConnectivityTest. `Ready`, `Reconciling` and `Stalled` follow kstatus
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md).
 */
export const conditionTypes = [
  "Passed", // True: every expectation passed. False: one failed. Unknown: inconclusive, or no run has ended yet.
  "Ready", // True if the last run passed and no other one is awaited. Unknown while one is. kstatus reads False and Unknown as "in progress" unless Stalled is True.
  "Reconciling", // only present, as True, while a run is in progress for a new generation, a request, or a change of what the verdict depends on.
  "Stalled", // only present, as True, when a run failed or was inconclusive, or the spec cannot be run.
] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** The reasons of the condition `netverdict.dev/passed`, which the operator writes to pods with this readiness gate. */
export const gateReasons = [
  "Passed", // True, and never taken back: all tests that name the pod as a source have passed in a run that tried its revision.
  "InProgress", // no run that tried this revision of the pod has ended.
  "Failed", // one of these tests is Failed.
  "Inconclusive", // one of these tests is Inconclusive, has expired or cannot be read.
  "Suspended", // one of these tests is suspended, so no run tries this revision of the pod.
  "NoTest", // no test of its namespace names the pod as a source.
] as const;
export type GateReason = (typeof gateReasons)[number];

const conditionStatusSchema = z.enum(["True", "False", "Unknown"]).describe("The status of the condition.");

export const conditionSchema = z.object({
  type: z.string().max(64).describe("The type of the condition, such as Passed."),
  status: openEnum(conditionStatusSchema),
  reason: z.string().max(64).describe("The reason, in one word."),
  message: z.string().max(1024).describe("The reason, in a sentence."),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe("The generation of the spec that the condition applies to."),
  lastTransitionTime: timeSchema.describe("When the status last changed."),
});
export type Condition = z.infer<typeof conditionSchema>;

/** A condition without its transition time, which `mergeConditions` derives from the existing conditions. */
export type NextCondition = Omit<z.input<typeof conditionSchema>, "lastTransitionTime" | "type"> & {
  readonly type: ConditionType;
};

/**
 * Returns the conditions with the operator's own replaced by `next`. An own condition that is not in `next` is
 * removed. Conditions of other controllers stay as they are, in the same order. `lastTransitionTime` changes only
 * when the status does.
 */
export function mergeConditions(
  existing: readonly Condition[],
  next: readonly NextCondition[],
  now: Date,
): Condition[] {
  const ours = new Set<string>(conditionTypes);
  const foreign = existing.filter((condition) => !ours.has(condition.type));
  const merged = next.map((condition) => {
    const before = existing.find(({ type }) => type === condition.type);
    const unchanged = before !== undefined && before.status === condition.status;
    return { ...condition, lastTransitionTime: unchanged ? before.lastTransitionTime : now.toISOString() };
  });
  return [...foreign, ...merged];
}
