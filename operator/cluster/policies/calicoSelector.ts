import {
  EVERY_POD,
  SELECTS_NOTHING,
  parseCalicoExpression,
  type CalicoExpression,
  type CalicoFunctions,
  type LabelComparison,
} from "./calicoExpression.ts";
import { labelOf, type MatchedPod } from "./matchedPod.ts";

/** With these prefixes a pod has the labels of its namespace and of its service account, as far as it has none of its own. */
const INHERITED = /^pc(ns|sa)\./;
/** Whether a pod without this label can have that of its namespace or service account. */
export const isInherited = (key: string) => INHERITED.test(key);

const NAMESPACE_PREFIX = "pcns.";
const SERVICE_ACCOUNT_PREFIX = "pcsa.";

/** A selector of pods. Calico accepts `global()` there only in objects that bypass its validation; it selects every pod. */
const ofPods: CalicoFunctions = { all: EVERY_POD, global: EVERY_POD };
/** Every pod is in a namespace, and `global()` selects only what is in none. */
const ofNamespaces: CalicoFunctions = { all: EVERY_POD, global: SELECTS_NOTHING };

/** The fields of a policy, or of a rule, that together select pods by labels. */
export interface CalicoSelectors {
  readonly selector?: string | undefined;
  readonly namespaceSelector?: string | undefined;
  readonly serviceAccountSelector?: string | undefined;
}

/**
 * The pods that all of these select. The labels of a namespace and of a service account are not known, and pods of one
 * workload share them, but a pod can have a label of its own instead of the one that it would inherit.
 */
export function calicoSelector(selectors: CalicoSelectors): CalicoExpression {
  const { selector = "", namespaceSelector = "", serviceAccountSelector = "" } = selectors;
  return {
    all: [
      parseCalicoExpression(selector, ofPods),
      ...inheritedSelector(namespaceSelector, ofNamespaces, NAMESPACE_PREFIX),
      ...inheritedSelector(serviceAccountSelector, ofPods, SERVICE_ACCOUNT_PREFIX),
    ],
  };
}

const inheritedSelector = (text: string, functions: CalicoFunctions, prefix: string) =>
  text === "" ? [] : [inherited(parseCalicoExpression(text, functions), prefix)];

/** An expression over the labels of a namespace, as one over those of its pods. */
function inherited(expression: CalicoExpression, prefix: string): CalicoExpression {
  const each = (items: readonly CalicoExpression[]) => items.map((item) => inherited(item, prefix));
  if ("keys" in expression) return { ...expression, keys: expression.keys.map((key) => `${prefix}${key}`) };
  if ("key" in expression) return { ...expression, key: `${prefix}${expression.key}` };
  if ("not" in expression) return { not: inherited(expression.not, prefix) };
  return "all" in expression ? { all: each(expression.all) } : { any: each(expression.any) };
}

/**
 * Whether an expression selects a pod. Where that depends on what is not known (the labels of its namespace and of its
 * service account, or an expression that was not understood), the result is a text that represents this dependency: the
 * expression selects both or neither of two pods of one namespace and service account if their results are equal.
 */
export function calicoOutcome(expression: CalicoExpression, pod: MatchedPod): boolean | string {
  if ("unparsed" in expression) {
    const values = expression.keys.map((key) => labelOf(pod, key) ?? null);
    return JSON.stringify([expression.unparsed, values]);
  }
  if ("key" in expression) {
    const value = effectiveLabel(expression.key, pod);
    if (value === UNKNOWN_LABEL) return JSON.stringify([expression, labelOf(pod, expression.key) ?? null]);
    return value !== undefined && isComparisonMet(expression, value);
  }
  if ("not" in expression) {
    const outcome = calicoOutcome(expression.not, pod);
    return typeof outcome === "string" ? `not ${outcome}` : !outcome;
  }
  return "all" in expression
    ? combined(expression.all, pod, { by: "all", decisive: false })
    : combined(expression.any, pod, { by: "any", decisive: true });
}

function combined(
  items: readonly CalicoExpression[],
  pod: MatchedPod,
  { by, decisive }: { readonly by: string; readonly decisive: boolean },
): boolean | string {
  const outcomes = items.map((item) => calicoOutcome(item, pod));
  if (outcomes.includes(decisive)) return decisive;
  const open = outcomes.filter((outcome) => typeof outcome === "string");
  // With lengths and not with quotes, which would grow exponentially with the depth.
  return open.length === 0 ? !decisive : `${by} ${open.map((text) => `${text.length}:${text}`).join(" ")}`;
}

/** Whether a pod that has the label with this value meets the comparison. */
export function isComparisonMet({ operator, values }: LabelComparison, value: string): boolean {
  switch (operator) {
    case "has":
      return true;
    case "in":
      return values.includes(value);
    case "contains":
      return values.every((part) => value.includes(part));
    case "starts with":
      return values.every((part) => value.startsWith(part));
    case "ends with":
      return values.every((part) => value.endsWith(part));
  }
}

const UNKNOWN_LABEL = Symbol("the label of a namespace or service account");

/**
 * A label of a pod as Calico knows it (libcalico-go/lib/backend/k8s/conversion in
 * https://github.com/projectcalico/calico): Calico adds some, and the pod inherits others.
 */
function effectiveLabel(key: string, pod: MatchedPod): string | typeof UNKNOWN_LABEL | undefined {
  switch (key) {
    case "projectcalico.org/namespace":
      return pod.namespace;
    case "projectcalico.org/orchestrator":
      return "k8s";
    case "projectcalico.org/serviceaccount":
      return UNKNOWN_LABEL;
    default: {
      const own = labelOf(pod, key);
      if (own !== undefined || !isInherited(key)) return own;
      return NAME_LABELS.has(key) ? pod.namespace : UNKNOWN_LABEL;
    }
  }
}

/** The labels of a namespace whose value is its name: Calico adds one, and the API server the other. */
const NAME_LABELS = new Set(
  ["projectcalico.org/name", "kubernetes.io/metadata.name"].map((key) => `${NAMESPACE_PREFIX}${key}`),
);
