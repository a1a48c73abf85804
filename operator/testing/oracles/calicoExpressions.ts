import { array, constantFrom, letrec, oneof, record, tuple, uniqueArray, type Arbitrary } from "fast-check";
import { values, type Labels } from "./oracle.ts";

/* Expressions of Calico, as text and as their meaning. */

interface Comparison {
  readonly key: string;
  readonly operator: "==" | "!=" | "contains" | "starts with" | "ends with" | "in" | "not in";
  readonly values: readonly string[];
}
export type Expression =
  | { readonly has: string }
  | { readonly call: "all" | "global" }
  | { readonly not: Expression }
  | { readonly join: "&&" | "||"; readonly items: readonly Expression[] }
  | Comparison;

/** Expressions over these keys. */
export function expressionsOf(
  keys: readonly string[],
  calls: readonly ("all" | "global")[],
): Arbitrary<Expression> {
  const key = constantFrom(...keys);
  const one = tuple(values);
  const comparison = oneof(
    record({
      key,
      operator: constantFrom("==", "!=", "contains", "starts with", "ends with"),
      values: one,
    }),
    record({ key, operator: constantFrom("in", "not in"), values: uniqueArray(values) }),
  );
  const { expression } = letrec<{ expression: Expression }>((tie) => ({
    expression: oneof(
      { maxDepth: 2, depthSize: "small" },
      { weight: 4, arbitrary: comparison },
      { weight: 2, arbitrary: record({ has: key }) },
      { weight: 1, arbitrary: record({ call: constantFrom(...calls) }) },
      { weight: 1, arbitrary: record({ not: tie("expression") }) },
      {
        weight: 3,
        arbitrary: record({
          join: constantFrom("&&", "||"),
          items: array(tie("expression"), { minLength: 2, maxLength: 2 }),
        }),
      },
    ),
  }));
  return expression;
}

/** The expression as an author of a policy writes it. */
export function textOf(expression: Expression): string {
  if ("has" in expression) return `has(${expression.has})`;
  if ("call" in expression) return `${expression.call}()`;
  if ("not" in expression) return `!(${textOf(expression.not)})`;
  if ("join" in expression) return `(${expression.items.map(textOf).join(` ${expression.join} `)})`;
  const { key, operator } = expression;
  const texts = expression.values.map((value) => `"${value}"`);
  const right = operator === "in" || operator === "not in" ? `{${texts.join(", ")}}` : texts.join("");
  return `${key} ${operator} ${right}`;
}

/** Whether an object with these labels is selected. */
export function isSelected(expression: Expression, labels: Labels): boolean {
  if ("has" in expression) return Object.hasOwn(labels, expression.has);
  if ("call" in expression) return expression.call === "all" || !Object.hasOwn(labels, NAMESPACE_LABEL);
  if ("not" in expression) return !isSelected(expression.not, labels);
  if ("join" in expression) {
    const found = expression.items.map((item) => isSelected(item, labels));
    return expression.join === "&&" ? !found.includes(false) : found.includes(true);
  }
  return COMPARISONS[expression.operator](labels[expression.key], expression.values);
}

/** The label of everything in a namespace. */
export const NAMESPACE_LABEL = "projectcalico.org/namespace";

const COMPARISONS: Readonly<
  Record<Comparison["operator"], (value: string | undefined, wanted: readonly string[]) => boolean>
> = {
  "==": (value, wanted) => wanted.some((one) => one === value),
  in: (value, wanted) => wanted.some((one) => one === value),
  // Met without the label as well.
  "!=": (value, wanted) => wanted.every((one) => one !== value),
  "not in": (value, wanted) => wanted.every((one) => one !== value),
  contains: (value, [wanted = ""]) => value?.includes(wanted) ?? false,
  "starts with": (value, [wanted = ""]) => value?.startsWith(wanted) ?? false,
  "ends with": (value, [wanted = ""]) => value?.endsWith(wanted) ?? false,
};
