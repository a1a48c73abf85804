import { z } from "zod";
import { timeSchema } from "./object.ts";

/**
 * The conditions of a ConnectivityTest. `Ready`, `Reconciling` and `Stalled` follow kstatus
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md).
 */
export const conditionTypes = [
  "Passed", // True: every expectation holds. False: one failed. Unknown: inconclusive, or no run has ended yet.
  "Ready", // True as soon as the last run passed; kstatus reads False as "in progress" unless Stalled is True.
  "Reconciling", // only present, as True, while a new generation or a requested run is under way.
  "Stalled", // only present, as True, when a run failed or was inconclusive, or the spec cannot be run.
] as const;
export type ConditionType = (typeof conditionTypes)[number];

export const conditionSchema = z.object({
  type: z.string().max(64).describe("What the condition is about, such as Passed."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: z.string().max(64).describe("Why, in one word."),
  message: z.string().max(1024).describe("Why, in a sentence."),
  observedGeneration: z.int().min(0).optional().describe("The generation of the spec that it speaks of."),
  lastTransitionTime: timeSchema.describe("When the status last changed."),
});
export type Condition = z.infer<typeof conditionSchema>;

/** A condition as somebody decides it: when it changed follows from what was there before. */
export type NextCondition = Omit<Condition, "lastTransitionTime" | "type"> & { readonly type: ConditionType };

/**
 * The conditions with ours replaced by `next`: one of ours that is not in `next` goes, everybody else's stays as it
 * is and where it is, and `lastTransitionTime` moves only when the status does.
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
