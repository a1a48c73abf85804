import type { LabelMatch } from "./policy.ts";

/** What an expression has beside the keys of labels (https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors). */
const WORDS = new Set(["all", "global", "has", "in", "not", "contains", "starts", "ends", "with"]);

/**
 * The keys of the labels that an expression of Calico names. No maintained parser of these expressions exists for
 * JavaScript, so an expression is not evaluated: two pods that differ in one of the labels may be treated differently.
 * Quoted values are left out; of everything else each word counts as a key, one too many rather than one too few.
 */
export function calicoSelector(...expressions: readonly (string | undefined)[]): LabelMatch {
  const words = expressions.flatMap((expression) => unquoted(expression ?? "").match(/[\w./-]+/g) ?? []);
  return { keys: [...new Set(words)].filter((word) => !WORDS.has(word)) };
}

const unquoted = (expression: string) => expression.replaceAll(/"[^"]*"|'[^']*'/g, " ");
