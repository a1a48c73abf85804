import { z } from "zod";
import { withRules } from "./rules.ts";

const labelKey = z.string().min(1).max(317);
const labelValue = z.string().max(63);

const requirement = withRules(
  z.object({
    key: labelKey,
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
    values: z.array(labelValue).max(32).optional(),
  }),
  [
    {
      cel: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : !has(self.values) || size(self.values) == 0",
      message: "values must be set for the operators In and NotIn, and left out for Exists and DoesNotExist",
      holds: ({ operator, values = [] }) => (operator === "In" || operator === "NotIn") === values.length > 0,
    },
  ],
);

/** A label selector with the meaning it has in a NetworkPolicy: all parts must hold, and an empty one selects every pod. */
export const labelSelectorSchema = z.object({
  matchLabels: z
    .record(z.string(), labelValue)
    .refine((labels) => Object.keys(labels).length <= 32, { message: "at most 32 labels" })
    .meta({ maxProperties: 32 })
    .optional(),
  matchExpressions: z.array(requirement).max(16).optional(),
});
export type LabelSelector = z.infer<typeof labelSelectorSchema>;

/** Whether the labels satisfy the selector (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every((expression) => meets(expression, labels[expression.key]))
  );
}

function meets({ operator, values = [] }: z.infer<typeof requirement>, value: string | undefined): boolean {
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

/** The selector as the API server's `labelSelector` query takes it; an empty text selects everything. */
export function selectorQuery({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case "In":
        return `${key} in (${values.join(",")})`;
      case "NotIn":
        return `${key} notin (${values.join(",")})`;
      case "Exists":
        return key;
      case "DoesNotExist":
        return `!${key}`;
    }
  });
  return [...equal, ...expressions].join(",");
}
