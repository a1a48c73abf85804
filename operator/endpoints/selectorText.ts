import type { LabelSelector } from "../../crds/selector.ts";

/** Formats a selector as for `kubectl get -l`; "" if it selects every pod. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map(expressionText)].join(",");
}

function expressionText({
  key,
  operator,
  values = [],
}: NonNullable<LabelSelector["matchExpressions"]>[number]): string {
  const [only, ...others] = values;
  const isOne = only !== undefined && others.length === 0;
  switch (operator) {
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "In":
      return isOne ? `${key}=${only}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return isOne ? `${key}!=${only}` : `${key} notin (${values.join(",")})`;
  }
}
