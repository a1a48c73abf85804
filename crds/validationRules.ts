import type { z } from "zod";

/** A rule that the API server enforces by CEL and zod by the same message, so that both reject the same objects. */
export interface ValidationRule<Value> {
  /** A CEL expression over `self`; see https://kubernetes.io/docs/reference/using-api/cel/. */
  readonly cel: string;
  /** The error message when an object is rejected. */
  readonly message: string;
  /** The same rule for values that zod parses. */
  readonly holds: (value: Value) => boolean;
}

/** Returns the schema with the rules attached twice: as refinements, and as `x-kubernetes-validations`. */
export function withRules<Schema extends z.ZodType>(
  schema: Schema,
  rules: readonly ValidationRule<z.infer<Schema>>[],
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
 * Returns the rule that exactly one of the optional members is set. A list of fields is one member, of which any may
 * be set.
 */
export function exactlyOne<Field extends string>(
  members: readonly (Field | readonly Field[])[],
): ValidationRule<Readonly<Partial<Record<Field, unknown>>>> {
  const all = members.map((member): readonly Field[] => (typeof member === "string" ? [member] : member));
  const isSet = (fields: readonly Field[]) => fields.map((field) => `has(self.${field})`).join(" || ");
  return {
    cel: `[${all.map(isSet).join(", ")}].filter(set, set).size() == 1`,
    message: `exactly one of ${all.map((fields) => fields.join(" with or without ")).join(", ")} must be set`,
    holds: (value) => all.filter((fields) => fields.some((field) => value[field] !== undefined)).length === 1,
  };
}

/**
 * Returns a rule for texts that match a pattern. Unlike the `pattern` of a schema, its error is a sentence instead of
 * the pattern. The pattern must have the same meaning in JavaScript and in RE2
 * (https://github.com/google/re2/wiki/Syntax), and contain no single quote.
 */
export function matching(pattern: RegExp, message: string): ValidationRule<string> {
  return { cel: `self.matches(${celPattern(pattern)})`, message, holds: (text) => pattern.test(text) };
}

/** Returns a rule for texts that are none of these lowercase words; the case of the text does not matter. */
export function noneOf(words: readonly string[], message: string): ValidationRule<string> {
  return {
    cel: `!(self.lowerAscii() in [${words.map((word) => `'${word}'`).join(", ")}])`,
    message,
    holds: (text) => !words.includes(text.toLowerCase()),
  };
}

/**
 * Returns a rule for texts that do not match a pattern of lowercase letters; the case of the text does not matter. The
 * pattern follows the rules of `matching`.
 */
export function notMatching(pattern: RegExp, message: string): ValidationRule<string> {
  return {
    cel: `!self.lowerAscii().matches(${celPattern(pattern)})`,
    message,
    holds: (text) => !pattern.test(text.toLowerCase()),
  };
}

/** Returns the pattern as a raw CEL string. */
export function celPattern(pattern: RegExp): string {
  return `r'${pattern.source.replaceAll("\\/", "/")}'`;
}
