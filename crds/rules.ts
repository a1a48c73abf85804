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

/**
 * The rule of a union by members: one of the optional fields is set, and only one. Several fields in a list are one member,
 * of which any may be set.
 */
export function exactlyOne<Field extends string>(
  members: readonly (Field | readonly Field[])[],
): Rule<Readonly<Partial<Record<Field, unknown>>>> {
  const all = members.map((member): readonly Field[] => (typeof member === "string" ? [member] : member));
  const isSet = (fields: readonly Field[]) => fields.map((field) => `has(self.${field})`).join(" || ");
  return {
    cel: `[${all.map(isSet).join(", ")}].filter(set, set).size() == 1`,
    message: `exactly one of ${all.map((fields) => fields.join(" with or without ")).join(", ")} must be set`,
    holds: (value) => all.filter((fields) => fields.some((field) => value[field] !== undefined)).length === 1,
  };
}

/**
 * A rule for texts that match a pattern. Unlike the `pattern` of a schema it answers with a sentence instead of the
 * pattern. The pattern must mean the same in JavaScript and in RE2 (https://github.com/google/re2/wiki/Syntax), and
 * hold no single quote.
 */
export function matching(pattern: RegExp, message: string): Rule<string> {
  return { cel: `self.matches(${celPattern(pattern)})`, message, holds: (text) => pattern.test(text) };
}

/** A rule for texts that are none of these words, which are in small letters; the text's own case does not matter. */
export function noneOf(words: readonly string[], message: string): Rule<string> {
  return {
    cel: `!(self.lowerAscii() in [${words.map((word) => `'${word}'`).join(", ")}])`,
    message,
    holds: (text) => !words.includes(text.toLowerCase()),
  };
}

/** The pattern as a raw string of CEL. */
export function celPattern(pattern: RegExp): string {
  return `r'${pattern.source.replaceAll("\\/", "/")}'`;
}
