import { qualifiedName } from "../../crds/metadata.ts";
import { createDiscovery, type ServedKind } from "../../operator/cluster/policies/discovery.ts";
import { POLICY_KINDS } from "../../operator/cluster/policies/kinds.ts";
import { maySelect, type Policy } from "../../operator/cluster/policies/policy.ts";
import { readPolicies } from "../../operator/cluster/policies/readPolicies.ts";
import type { Api } from "../../operator/runtime/api.ts";
import { isForbidden } from "../../operator/runtime/apiError.ts";
import type { PathEnd } from "./pathEnds.ts";

/**
 * A line for each end, with the policies of any installed kind that limit its direction of the path, and one for each kind that the
 * reader may not list. Throws ApiError.
 */
export async function selectingPolicies(api: Api, ends: readonly PathEnd[]): Promise<string[]> {
  const namespaces = [...new Set(ends.map(({ pod }) => pod.namespace))];
  const kinds = await createDiscovery(api, POLICY_KINDS)();
  const lists = await Promise.all(kinds.map(async (kind) => policiesOf(api, kind, namespaces)));
  const policies = lists.flatMap((list) => list ?? []);
  const missing = kinds.filter((_, index) => lists[index] === undefined).map(({ plural }) => plural);
  return [
    ...ends.map((end) => endLine(end, policies)),
    ...(missing.length === 0 ? [] : [`  This user may not list: ${missing.join(", ")}`]),
  ];
}

async function policiesOf(
  api: Api,
  kind: ServedKind,
  namespaces: readonly string[],
): Promise<readonly Policy[] | undefined> {
  try {
    return [...(await readPolicies(api, [kind], namespaces)).values()].flat();
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function endLine({ name, direction, pod }: PathEnd, policies: readonly Policy[]): string {
  const selecting = policies.filter(
    (policy) => policy[direction] !== undefined && maySelect(policy.subject, pod),
  );
  const names = selecting.map(({ kind, metadata }) => `${kind} ${qualifiedName(metadata)}`);
  return `  ${direction} of ${name}: ${names.length === 0 ? "no policy limits it" : names.toSorted().join(", ")}`;
}
