import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  dictionary,
  letrec,
  oneof,
  property,
  record,
  string,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { keysOf } from "./calicoExpression.ts";
import { calicoOutcome, calicoSelector, type CalicoSelectors } from "./calicoSelector.ts";

type Labels = Readonly<Record<string, string>>;

const outcome = (selectors: CalicoSelectors, labels: Labels, namespace = "shop") =>
  calicoOutcome(calicoSelector(selectors), { namespace, labels });

const AB = { a: "b" };

it.each<[selector: string, selects: readonly Labels[], selectsNot: readonly Labels[]]>([
  ["", [{}, AB], []],
  [" \t", [{}], []],
  ["all()", [{}, AB], []],
  ["all( )", [{}], []],
  ["global()", [{}], []],
  [`a == "b"`, [AB], [{}, { a: "c" }, { b: "b" }]],
  [`a=='b'`, [AB], [{}]],
  [`a != "b"`, [{}, { a: "c" }], [AB]],
  [`a in { "b", 'c' }`, [AB, { a: "c" }], [{}, { a: "" }, { a: "d" }]],
  [`a in{'b',}`, [AB], [{}]],
  [`a in {}`, [], [{}, AB]],
  [`a not in {"b"}`, [{}, { a: "c" }], [AB]],
  [`a notin {"b"}`, [{}], [AB]],
  [`a not in {}`, [{}, AB], []],
  [`a contains "b"`, [AB, { a: "abc" }], [{}, { a: "ac" }]],
  [`a starts with "b"`, [AB, { a: "bc" }], [{}, { a: "ab" }]],
  [`a startswith 'b'`, [AB], [{}]],
  [`a ends \t with "b"`, [{ a: "ab" }], [{}, { a: "bc" }]],
  [`a contains ""`, [AB], [{}]],
  [`a == '"'`, [{ a: '"' }], [AB]],
  ["has(a)", [AB, { a: "" }], [{}]],
  ["has( a )", [AB], [{}]],
  ["!has(a)", [{}], [AB]],
  ["! ! has(a)", [AB], [{}]],
  [`!a == "b"`, [{}, { a: "c" }], [AB]],
  [`has(a) || has(b) && has(c)`, [AB, { b: "", c: "" }], [{ b: "" }, { c: "" }]],
  [`(has(a) || has(b)) && has(c)`, [{ a: "", c: "" }], [AB, { c: "" }]],
  [`!(has(a) || has(b))`, [{}], [AB]],
  [`app.kubernetes.io/name_1 == "x"`, [{ "app.kubernetes.io/name_1": "x" }], [{}]],
  [`has == "x" && all in {"y"} && in == "z"`, [{ has: "x", all: "y", in: "z" }], [{}]],
  [`has(constructor)`, [], [{}]],
  [`projectcalico.org/namespace == "shop"`, [{}, { "projectcalico.org/namespace": "x" }], []],
  [`projectcalico.org/orchestrator == "k8s"`, [{}], []],
  [`pcns.projectcalico.org/name == "shop"`, [{}], [{ "pcns.projectcalico.org/name": "own" }]],
  [`pcns.kubernetes.io/metadata.name in {"x"}`, [], [{}]],
])("the selector %j of Calico is evaluated", (selector, selects, selectsNot) => {
  expect(selects.map((labels) => outcome({ selector }, labels))).toEqual(selects.map(() => true));
  expect(selectsNot.map((labels) => outcome({ selector }, labels))).toEqual(selectsNot.map(() => false));
});

it.each([
  ["all()", true],
  ["global()", false],
  ["!global()", true],
  [`projectcalico.org/name == "shop"`, true],
  [`projectcalico.org/name != "shop"`, false],
  [`kubernetes.io/metadata.name starts with "sho"`, true],
  [`team == "a" && kubernetes.io/metadata.name == "data"`, false],
  [`team == "a" || kubernetes.io/metadata.name == "shop"`, true],
])("the selector %j of namespaces is evaluated", (namespaceSelector, wanted) => {
  expect(outcome({ namespaceSelector }, {})).toBe(wanted);
});

it.each([
  "a",
  "a b",
  "a == b",
  "'a' == 'b'",
  "a == 'b",
  "a = 'b'",
  "a in 'b'",
  "a in {'b' 'c'}",
  "a in {,}",
  "a starts 'b'",
  "a == 'b' &&",
  "a == 'b' & a == 'b'",
  "(a == 'b'",
  "a == 'b')",
  "()",
  "!",
  "has (a)",
  "has()",
  "all() all()",
  "a == 'b'\n",
  "%a == 'b'",
])("the selector %j, which Calico rejects, distinguishes by every key", (selector) => {
  const [one, other] = [outcome({ selector }, { a: "x" }), outcome({ selector }, { a: "y" })];
  expect([typeof one, typeof other]).toEqual(["string", "string"]);
  expect(one !== other).toBe(keysOf(calicoSelector({ selector })).includes("a"));
  expect(outcome({ selector }, { a: "x", z: "1" })).toBe(one);
});

it.each([
  ["without an end", "(".repeat(100_000)],
  ["that Calico accepts", `${"(".repeat(200)}has(a)${")".repeat(200)}`],
])("parentheses nested too deep for the stack are not understood: those %s", (_, selector) => {
  expect(outcome({ selector }, AB)).toBeTypeOf("string");
});

it("parentheses nested at most 100 deep are", () => {
  const nested = `${"(".repeat(100)}pcns.x == "a" && has(a)${")".repeat(100)}`;
  expect([outcome({ selector: nested }, {}), typeof outcome({ selector: nested }, AB)]).toEqual([
    false,
    "string",
  ]);
});

describe("labels of a namespace or a service account, which are not known", () => {
  it.each([
    [`team == "a" && has(role)`, true],
    [`team == "a" || has(role)`, true],
    [`team == "a" && has(app)`, false],
    [`(team == "a" && has(role)) || (team != "a" && !has(role))`, true],
  ])("%j can distinguish two pods: %s", (expression, isDifferent) => {
    const selector = expression.replaceAll("team", "pcns.team");
    const [one, other] = [
      outcome({ selector }, { app: "db" }),
      outcome({ selector }, { app: "db", role: "x" }),
    ];
    expect(one !== other).toBe(isDifferent);
  });

  it("are those of the pod itself where it has them", () => {
    const selector = `pcsa.team == "a"`;
    expect([
      outcome({ selector }, { "pcsa.team": "a" }),
      outcome({ selector }, { "pcsa.team": "b" }),
    ]).toEqual([true, false]);
    expect(outcome({ selector: `projectcalico.org/serviceaccount == "a"` }, {})).toBeTypeOf("string");
  });
});

/*
 * The oracle: an expression as it was drawn, evaluated without its text by code of this test alone.
 */
interface Drawn {
  readonly text: string;
  readonly holds: (labels: ReadonlyMap<string, string>) => boolean;
}
const KEYS = ["a", "in", "has", "all", "app.kubernetes.io/name", "x-1_y"];
const label = constantFrom(...KEYS);
const space = constantFrom("", " ", "\t", "  ");
const text = oneof(constantFrom("", "a", "b", "ab", "a b", "&& has(a)"), string({ maxLength: 4 })).map(
  (drawn) => drawn.replaceAll('"', ""),
);
const quoted = (value: string, isSingle: boolean) =>
  isSingle && !value.includes("'") ? `'${value}'` : `"${value}"`;

const COMPARISONS: Readonly<Record<string, (value: string | undefined, operand: string) => boolean>> = {
  "==": (value, operand) => value === operand,
  "!=": (value, operand) => value !== operand,
  contains: (value, operand) => value !== undefined && value.indexOf(operand) !== -1,
  "starts with": (value, operand) => value?.slice(0, operand.length) === operand,
  "ends with": (value, operand) =>
    value !== undefined &&
    value.length >= operand.length &&
    value.slice(value.length - operand.length) === operand,
};
const compared: Arbitrary<Drawn> = record({
  key: label,
  operator: constantFrom(...Object.keys(COMPARISONS)),
  operand: text,
  isSingle: constantFrom(true, false),
  after: space,
}).map(({ key, operator, operand, isSingle, after }): Drawn => ({
  text: `${key} ${operator}${after}${quoted(operand, isSingle)}`,
  holds: (labels) => COMPARISONS[operator]?.(labels.get(key), operand) ?? false,
}));
const member: Arbitrary<Drawn> = record({
  key: label,
  isIn: constantFrom(true, false),
  operands: array(text, { maxLength: 3 }),
  between: space,
}).map(({ key, isIn, operands, between }): Drawn => ({
  text: `${key} ${isIn ? "in" : `not${between}in`}${between}{${operands.map((one) => quoted(one, true)).join(`${between},`)}}`,
  holds: (labels) => operands.some((one) => labels.get(key) === one) === isIn,
}));
const has: Arbitrary<Drawn> = record({ key: label, inside: space }).map(({ key, inside }): Drawn => ({
  text: `has(${inside}${key}${inside})`,
  holds: (labels) => [...labels.keys()].includes(key),
}));
const every: Arbitrary<Drawn> = constant({ text: "all()", holds: () => true });

const { expression } = letrec<{ expression: Drawn; operation: Drawn; conjunction: Drawn }>((tie) => ({
  operation: oneof(
    { maxDepth: 2 },
    compared,
    member,
    has,
    every,
    record({ negations: array(space, { minLength: 1, maxLength: 3 }), inner: tie("operation") }).map(
      ({ negations, inner }): Drawn => ({
        text: `${negations.map((after) => `!${after}`).join("")}${inner.text}`,
        holds: (labels) => (negations.length % 2 === 1) !== inner.holds(labels),
      }),
    ),
    record({ inner: tie("expression"), around: space }).map(({ inner, around }): Drawn => ({
      text: `(${around}${inner.text}${around})`,
      holds: inner.holds,
    })),
  ),
  conjunction: array(tie("operation"), { minLength: 1, maxLength: 2 }).map((items): Drawn => ({
    text: items.map((item) => item.text).join("&& "),
    holds: (labels) => items.every((item) => item.holds(labels)),
  })),
  expression: array(tie("conjunction"), { minLength: 1, maxLength: 2 }).map((items): Drawn => ({
    text: items.map((item) => item.text).join(" ||"),
    holds: (labels) => items.some((item) => item.holds(labels)),
  })),
}));

it("every expression of the grammar selects the pods that it says", () => {
  const labelled = dictionary(label, text, { maxKeys: 4 });
  assert(
    property(expression, array(labelled, { minLength: 1, maxLength: 4 }), (drawn, pods) => {
      for (const labels of pods)
        expect(outcome({ selector: drawn.text }, labels)).toBe(drawn.holds(new Map(Object.entries(labels))));
    }),
    { numRuns: 500 },
  );
});

it("any text is parsed or not understood, and never an error", () => {
  const words = constantFrom(
    "a",
    " ",
    "(",
    ")",
    "!",
    "==",
    "in",
    "{",
    "}",
    "'x'",
    '"',
    "&&",
    "||",
    "has(",
    "all()",
    ",",
  );
  assert(
    property(array(words, { maxLength: 12 }), (parts) => {
      expect(["boolean", "string"]).toContain(typeof outcome({ selector: parts.join("") }, AB));
    }),
    { numRuns: 500 },
  );
});
