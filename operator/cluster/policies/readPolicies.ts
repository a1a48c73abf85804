import type { Api } from "../../runtime/api.ts";
import type { ServedKind } from "./discovery.ts";
import type { Policy } from "./policy.ts";

/** Policies by namespace; cluster-wide ones by the namespace "". */
export type PoliciesByNamespace = ReadonlyMap<string, readonly Policy[]>;

/**
 * Lists the policies of these kinds that can hold for pods of these namespaces; without namespaces, of all. The result has
 * each of the namespaces, and "".
 */
export async function readPolicies(
  api: Pick<Api, "list">,
  kinds: readonly ServedKind[],
  namespaces?: readonly string[],
): Promise<PoliciesByNamespace> {
  const paths = kinds.flatMap((kind) =>
    kind.isNamespaced && namespaces
      ? namespaces.map((namespace) => ({ kind, path: policiesPath(kind, namespace) }))
      : [{ kind, path: policiesPath(kind) }],
  );
  const lists = await Promise.all(paths.map(({ kind, path }) => api.list(path, (raw) => kind.parse(raw))));
  const asked = [...(namespaces ?? []), ""];
  return new Map([
    ...asked.map((namespace): [string, Policy[]] => [namespace, []]),
    ...Map.groupBy(lists.flat(2), ({ metadata }) => metadata.namespace),
  ]);
}

/** The policies of a kind in a namespace, or in all. */
export function policiesPath({ api, plural }: ServedKind, namespace?: string): string {
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${api}${scope}/${plural}`;
}
