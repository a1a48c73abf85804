import type { SourceSelector } from "../../crds/proberun/plannedpath.ts";
import { selects, type LabelSelector } from "../../crds/selector.ts";
import { comparisonsIn, type LabelComparison } from "../cluster/policies/calicoExpression.ts";
import { isComparisonMet, isInherited } from "../cluster/policies/calicoSelector.ts";
import { labelOf, type MatchedPod } from "../cluster/policies/matchedPod.ts";
import type { LabelMatch } from "../cluster/policies/policy.ts";

/** One requirement of a selector. */
export type Requirement = SourceSelector["matchExpressions"][number];

/**
 * What a match requires of labels, each requirement by itself: pods that agree in all of them are selected alike. An
 * expression that is not understood has none.
 */
export function requirementsOf(match: LabelMatch, pods: readonly MatchedPod[]): Requirement[] {
  if ("selector" in match) return requirementsOfSelector(match.selector);
  return comparisonsIn(match.expression).flatMap((comparison) => requirementsOfComparison(comparison, pods));
}

/** A requirement cannot compare a part of a value: it has all values of the pods that meet such a comparison. */
function requirementsOfComparison(comparison: LabelComparison, pods: readonly MatchedPod[]): Requirement[] {
  const { key, operator } = comparison;
  const exists: Requirement = { key, operator: "Exists" };
  if (operator === "has") return [exists];
  const present = pods.flatMap((pod) => labelOf(pod, key) ?? []);
  const values =
    operator === "in" ? comparison.values : present.filter((value) => isComparisonMet(comparison, value));
  const required: Requirement[] = values.length > 0 ? [{ key, operator: "In", values: [...values] }] : [];
  // A pod without the label can inherit a value that is not known.
  return isInherited(key) ? [exists, ...required] : required;
}

function requirementsOfSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Requirement[] {
  const labels = Object.entries(matchLabels).map(([key, value]): Requirement => ({
    key,
    operator: "In",
    values: [value],
  }));
  return [...labels, ...matchExpressions];
}

export const isMet = (requirement: Requirement, labels: Readonly<Record<string, string>>) =>
  selects({ matchExpressions: [requirement] }, labels);

const NEGATED = { In: "NotIn", NotIn: "In", Exists: "DoesNotExist", DoesNotExist: "Exists" } as const;

/** The requirement if the labels meet it, or else its opposite: what the labels meet in any case. */
export function metBy(labels: Readonly<Record<string, string>>, requirement: Requirement): Requirement {
  return isMet(requirement, labels)
    ? requirement
    : { ...requirement, operator: NEGATED[requirement.operator] };
}

/**
 * The selector with these requirements, all of which some labels meet, in its shortest form: at most two for each key. The
 * same requirements in another order have the same selector.
 */
export function selectorOf(requirements: readonly Requirement[]): SourceSelector {
  const byKey = [...Map.groupBy(requirements, ({ key }) => key)];
  const sorted = byKey.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { matchExpressions: sorted.flatMap(([key, ofKey]) => shortest(key, ofKey)) };
}

function shortest(key: string, requirements: readonly Requirement[]): Requirement[] {
  const has = (operator: Requirement["operator"]) => requirements.some((one) => one.operator === operator);
  const valuesOf = (wanted: Requirement["operator"]) =>
    requirements.flatMap(({ operator, values = [] }) => (operator === wanted ? [new Set(values)] : []));
  const excluded = valuesOf("NotIn").reduce((all, one) => all.union(one), new Set<string>());
  const [first, ...others] = valuesOf("In");
  if (first) {
    const allowed = others.reduce((all, one) => all.intersection(one), first).difference(excluded);
    return [{ key, operator: "In", values: [...allowed].toSorted() }];
  }
  if (has("DoesNotExist")) return [{ key, operator: "DoesNotExist" }];
  return [
    ...(has("Exists") ? [{ key, operator: "Exists" } as const] : []),
    ...(excluded.size > 0 ? [{ key, operator: "NotIn", values: [...excluded].toSorted() } as const] : []),
  ];
}
