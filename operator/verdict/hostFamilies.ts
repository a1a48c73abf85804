import { decidingSamples, type TriedPath } from "./evidence.ts";

/**
 * Returns the paths without those of a family in which a host has no address. The plan tries a `host` in every
 * family, because only the source can resolve it. A family does not count if the author did not list it in
 * `ipFamilies`, if the resolver has no such name in it, and if the same source resolved the host in another family.
 */
export function withoutMissingFamilies(paths: readonly TriedPath[]): TriedPath[] {
  return paths.filter(
    (path) => !isMissing(path) || !paths.some((other) => isSibling(path, other) && wasResolved(other)),
  );
}

function isMissing(path: TriedPath): boolean {
  const { kind, familyAsked = false } = path.plan;
  if (kind !== "Host" || familyAsked) return false;
  const deciding = decidingSamples(path).filter(({ outcome }) => outcome !== "ProbeError");
  return (
    deciding.length > 0 && deciding.every(({ resolving, outcome }) => resolving && outcome === "NameNotFound")
  );
}

function isSibling({ plan: one }: TriedPath, { plan: other }: TriedPath): boolean {
  return (
    one.expectation === other.expectation &&
    one.from === other.from &&
    one.to === other.to &&
    other.kind === "Host" &&
    one.check.family !== other.check.family
  );
}

function wasResolved({ samples }: TriedPath): boolean {
  return samples.some(({ resolving, outcome }) => !resolving && outcome !== "ProbeError");
}
