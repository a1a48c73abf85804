/** How a label's value is compared. A label that the pod does not have is never `has`, `in` or any other. */
type LabelOperator = "has" | "in" | "contains" | "starts with" | "ends with";

/** An expression of Calico over the labels of a pod: `all` of none selects every pod, `any` of none selects no pod. */
export type CalicoExpression =
  | { readonly all: readonly CalicoExpression[] }
  | { readonly any: readonly CalicoExpression[] }
  | { readonly not: CalicoExpression }
  | LabelComparison
  | UnparsedExpression;

/** A text that is not understood, with all words in it that may be keys of labels. */
interface UnparsedExpression {
  readonly unparsed: string;
  readonly keys: readonly string[];
}

/** A comparison of one label. */
export interface LabelComparison {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export const EVERY_POD: CalicoExpression = { all: [] };
export const SELECTS_NOTHING: CalicoExpression = { any: [] };

/** How deep parentheses may be nested: Calico has no limit, but the stack of this process has one. */
const DEEPEST = 100;

/** What may follow the key of a label: Calico requires no space on either side. */
const OPERATOR = /==|!=|contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in/y;
const LABEL_KEY_TOKEN = /[a-zA-Z0-9_./-]{1,512}/y;
const QUOTED = /"([^"]*)"|'([^']*)'/y;

/**
 * Parses a selector of Calico
 * (https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors), with the grammar of its own parser
 * (libcalico-go/lib/selector in https://github.com/projectcalico/calico):
 *
 *     or         = and { "||" and }
 *     and        = operation { "&&" operation }
 *     operation  = { "!" } ( "(" or ")" | "all(" ")" | "global(" ")" | "has(" key ")" | comparison )
 *     comparison = key ( ( "==" | "!=" | "contains" | "starts with" | "ends with" ) text | ( "in" | "not in" ) set )
 *     set        = "{" { text "," } [ text ] "}"
 *     text       = a text in double or in single quotes, without escapes
 *
 * Only spaces and tabs separate. An empty selector selects every pod. A text that Calico rejects, or that is nested too
 * deep, is returned as `unparsed`. No maintained parser exists for JavaScript.
 */
export function parseCalicoExpression(text: string, { all, global }: CalicoFunctions): CalicoExpression {
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    while (text[at] === " " || text[at] === "\t") at += 1;
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  }

  function require(pattern: RegExp): string {
    const found = take(pattern);
    if (found === undefined) throw new SyntaxError(`expected ${pattern.source} at ${at}`);
    return found;
  }

  const quoted = () => require(QUOTED).slice(1, -1);

  function listOf(separator: RegExp, item: () => CalicoExpression): CalicoExpression[] {
    const items = [item()];
    while (take(separator) !== undefined) items.push(item());
    return items;
  }

  function or(depth: number): CalicoExpression {
    return oneOrMore(
      listOf(/\|\|/y, () =>
        oneOrMore(
          listOf(/&&/y, () => operation(depth)),
          (items) => ({ all: items }),
        ),
      ),
      (items) => ({ any: items }),
    );
  }

  function operation(depth: number): CalicoExpression {
    if (depth > DEEPEST) throw new SyntaxError(`nested deeper than ${DEEPEST}`);
    let isNegated = false;
    while (take(/!/y) !== undefined) isNegated = !isNegated;
    const found = operand(depth);
    return isNegated ? { not: found } : found;
  }

  function operand(depth: number): CalicoExpression {
    if (take(/\(/y) !== undefined) {
      const found = or(depth + 1);
      require(/\)/y);
      return found;
    }
    const [name] = take(/(?:all|global|has)\(/y)?.split("(") ?? [];
    if (name === undefined) return comparison(require(LABEL_KEY_TOKEN));
    const key = name === "has" ? require(LABEL_KEY_TOKEN) : undefined;
    require(/\)/y);
    if (key !== undefined) return { key, operator: "has", values: [] };
    return name === "all" ? all : global;
  }

  function comparison(key: string): CalicoExpression {
    const operator = require(OPERATOR);
    switch (operator) {
      case "==":
        return { key, operator: "in", values: [quoted()] };
      case "!=":
        return { not: { key, operator: "in", values: [quoted()] } };
      case "in":
        return { key, operator: "in", values: set() };
      case "contains":
        return { key, operator, values: [quoted()] };
      default:
        if (operator.startsWith("not")) return { not: { key, operator: "in", values: set() } };
        return {
          key,
          operator: operator.startsWith("starts") ? "starts with" : "ends with",
          values: [quoted()],
        };
    }
  }

  function set(): string[] {
    const values: string[] = [];
    require(/\{/y);
    while (take(/\}/y) === undefined) {
      values.push(quoted());
      if (take(/,/y) === undefined) {
        require(/\}/y);
        break;
      }
    }
    return values;
  }

  if (/^[ \t]*$/.test(text)) return EVERY_POD;
  try {
    const found = or(0);
    require(/$/y);
    return found;
  } catch (error) {
    if (error instanceof SyntaxError) return { unparsed: text, keys: wordsInExpression(text) };
    throw error;
  }
}

/** What `all()` and `global()` select: in a selector of namespaces they differ. */
export interface CalicoFunctions {
  readonly all: CalicoExpression;
  readonly global: CalicoExpression;
}

function oneOrMore(
  items: readonly CalicoExpression[],
  join: (items: readonly CalicoExpression[]) => CalicoExpression,
): CalicoExpression {
  const [only, ...others] = items;
  return only !== undefined && others.length === 0 ? only : join(items);
}

/** All words of a text, also those in quotes: where it cannot be parsed, what is quoted is not known. */
function wordsInExpression(text: string): string[] {
  return [...new Set(text.match(/[\w./-]+/g))];
}

/** The keys of the labels that an expression names. */
export function keysOf(expression: CalicoExpression): readonly string[] {
  return partsOf(expression).flatMap((part) => ("keys" in part ? part.keys : [part.key]));
}

/** The comparisons in an expression; none of a part that is not understood. */
export function comparisonsIn(expression: CalicoExpression): readonly LabelComparison[] {
  return partsOf(expression).filter((part) => "key" in part);
}

function partsOf(expression: CalicoExpression): readonly (LabelComparison | UnparsedExpression)[] {
  if ("keys" in expression || "key" in expression) return [expression];
  if ("not" in expression) return partsOf(expression.not);
  return ("all" in expression ? expression.all : expression.any).flatMap(partsOf);
}
