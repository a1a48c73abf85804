import type { z } from "zod";

/** A rule that the API server enforces by CEL and zod by the same sentence, so that both refuse the same objects. */
export interface Rule<Value> {
  /** A CEL expression over `self`; see https://kubernetes.io/docs/reference/using-api/cel/. */
  readonly cel: string;
  /** What a person reads when the object is refused. */
  readonly message: string;
  /** The same rule for values that zod parses. */
  readonly holds: (value: Value) => boolean;
}

/** The schema with the rules attached on both sides: as refinements, and as `x-kubernetes-validations`. */
export function withRules<Schema extends z.ZodType>(
  schema: Schema,
  rules: readonly Rule<z.infer<Schema>>[],
): Schema {
  const refined = rules.reduce<Schema>(
    (current, rule) => current.refine((value) => rule.holds(value), { message: rule.message }),
    schema,
  );
  return refined.meta({
    ...schema.meta(),
    "x-kubernetes-validations": rules.map(({ cel, message }) => ({ rule: cel, message })),
  });
}
