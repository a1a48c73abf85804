import { z } from "zod";
import { celPattern, matching, withRules } from "./validationRules.ts";

// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set, in a short
// form, because CEL's cost estimate depends on the length of a pattern. [^\W_] is a letter or a digit.
const KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*[/])?[^\W_]([-\w.]{0,61}[^\W_])?$/;
const VALUE = /^([^\W_]([-\w.]*[^\W_])?)?$/;

// Rejected here, because a selector becomes a query: a comma or a bracket in a value would be another query.
const labelKey = withRules(z.string().max(317), [
  matching(KEY, "must be a label key, such as app or app.kubernetes.io/name"),
]);
const labelValue = withRules(z.string().max(63), [
  matching(
    VALUE,
    "must be a label value: at most 63 of a-z, A-Z, 0-9, -, _ and ., a letter or digit at both ends",
  ),
]);

const requirement = withRules(
  z
    .object({
      key: labelKey.describe("The label's key."),
      operator: z
        .enum(["In", "NotIn", "Exists", "DoesNotExist"])
        .describe("The relation of the label's value to values. NotIn also selects pods without the label."),
      values: z
        .array(labelValue)
        .max(32)
        .optional()
        .describe("The values to compare with; omitted for Exists and DoesNotExist."),
    })
    .describe("One requirement."),
  [
    {
      cel: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : !has(self.values) || size(self.values) == 0",
      message: "values must be set for the operators In and NotIn, and omitted for Exists and DoesNotExist",
      holds: ({ operator, values = [] }) => (operator === "In" || operator === "NotIn") === values.length > 0,
    },
  ],
);

const labelsSchema = withRules(z.record(z.string(), labelValue).meta({ maxProperties: 32 }), [
  {
    cel: `self.all(key, size(key) <= 317 && key.matches(${celPattern(KEY)}))`,
    message: "every key must be a label key, such as app or app.kubernetes.io/name",
    holds: (labels) => Object.keys(labels).every((key) => key.length <= 317 && KEY.test(key)),
  },
]).refine((labels) => Object.keys(labels).length <= 32, { message: "at most 32 labels" });

/**
 * A label selector with the same meaning as in a NetworkPolicy: all parts must match, and an empty one selects every
 * pod.
 */
export const labelSelectorSchema = z.object({
  matchLabels: labelsSchema.optional().describe("Labels that a pod must have, all of them."),
  matchExpressions: z
    .array(requirement)
    .max(8)
    .optional()
    .describe("Further requirements, all of which must match."),
});
export type LabelSelector = z.infer<typeof labelSelectorSchema>;

/**
 * Reports whether the labels match the selector
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
 */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const value = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, wanted]) => value(key) === wanted) &&
    matchExpressions.every((expression) => meetsRequirement(expression, value(expression.key)))
  );
}

function meetsRequirement(
  { operator, values = [] }: z.infer<typeof requirement>,
  value: string | undefined,
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
