import {
  array,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  record,
  uniqueArray,
  type Arbitrary,
} from "fast-check";
import type { Policy } from "../../cluster/policies/policy.ts";

/*
 * The oracles of property tests: which pod reaches which by the policies of an engine, written for tests alone. An oracle
 * evaluates whole policies on whole pods, in the order of the engine. It knows nothing of twins, and uses no code of the
 * operator.
 */

export type Labels = Readonly<Record<string, string>>;

/** A pod that sends or receives. */
export interface PolicyEnd {
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
}

/** Policies of one or several kinds, by which an engine decides. */
export interface Oracle<Drawn> {
  readonly policies: Arbitrary<Drawn>;
  /** The policies as the operator reads them. */
  readonly read: (policies: Drawn) => readonly Policy[];
  /** Whether they let the traffic of a pod to another pod pass. */
  readonly passes: (policies: Drawn, from: PolicyEnd, to: PolicyEnd) => boolean;
}

/** The labels of the namespaces of all pods. */
export const NAMESPACES: Readonly<Record<string, Labels>> = {
  shop: { "kubernetes.io/metadata.name": "shop", team: "a" },
  data: { "kubernetes.io/metadata.name": "data", team: "b" },
};

/** The last one is a label that twins do not have. */
export const KEYS = ["app", "k8s.example.com/role", "pod-template-hash"];
export const values: Arbitrary<string> = constantFrom("a", "b");
/** Undefined in all but this percentage of cases. */
export const maybe = <Value>(arbitrary: Arbitrary<Value>, percentage = 50) =>
  oneof({ weight: percentage, arbitrary }, { weight: 100 - percentage, arbitrary: constant(undefined) });

/** The labels of a pod; a part of one of their values is another one. */
export const labelsOf = (keys: readonly string[]) =>
  dictionary(constantFrom(...keys), constantFrom("a", "b", "ab"), { maxKeys: 3 });
export const namespaceNames = constantFrom("shop", "data");

export interface Selector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly { key: string; operator: string; values: readonly string[] }[];
}

/** A selector of Kubernetes with these keys. */
export const selectorOf = (keys: readonly string[]): Arbitrary<Selector> =>
  record({
    matchLabels: dictionary(constantFrom(...keys), values, { maxKeys: 1 }),
    matchExpressions: array(
      record({
        key: constantFrom(...keys),
        operator: constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
        values: uniqueArray(values, { minLength: 1 }),
      }),
      { maxLength: 1 },
    ),
  });
export const everyPod: Selector = { matchLabels: {}, matchExpressions: [] };
/** Selectors of pods. */
export const selectors = selectorOf(KEYS);

/** Whether the labels match a selector of Kubernetes. */
export function selected({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  const has = new Map(Object.entries(labels));
  return (
    Object.entries(matchLabels).every(([key, wanted]) => has.get(key) === wanted) &&
    matchExpressions.every((expression) => isMet(expression, has))
  );
}

function isMet(
  { key, operator, values: wanted }: Selector["matchExpressions"][number],
  has: ReadonlyMap<string, string>,
): boolean {
  const isIn = wanted.includes(has.get(key) ?? "");
  if (operator === "In") return isIn;
  if (operator === "NotIn") return !isIn;
  return has.has(key) === (operator === "Exists");
}

/** The last byte of an address of a pod. */
export const lastBytes = integer({ min: 0, max: 7 });
/** Ranges that contain some of these addresses. */
export const ranges = record({ last: lastBytes, length: integer({ min: 29, max: 32 }) }).map(
  ({ last, length }) => `10.1.0.${last}/${length}`,
);

function bits(address: string): string {
  return address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
}

export function inRange(address: string, cidr: string): boolean {
  const [network = "", length = ""] = cidr.split("/");
  return bits(address).startsWith(bits(network).slice(0, Number(length)));
}

/** The metadata of the policy at this place in a list. */
export const metadataAt = (place: number, namespace?: string) => ({
  name: `policy-${place}`,
  uid: `${place}`,
  generation: 1,
  ...(namespace !== undefined && { namespace }),
});
