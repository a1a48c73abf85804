import type { Metadata } from "../../crds/metadata.ts";
import type { PolicyDifference } from "./policyDifferences.ts";

/** Formats the name of an object for the author of the test. */
export type NameObject = (kind: string, metadata: Pick<Metadata, "namespace" | "name">) => string;

/**
 * Objects in another namespace are not named: the author of the test may not have access to them. Nor is a namespace
 * that the test does not use, which an address would otherwise lead to.
 */
export function objectNamer(own: string, used: ReadonlySet<string>): NameObject {
  return (kind, { namespace, name }) => {
    if (namespace === own) return `${kind} ${name}`;
    if (own === "") return `${kind} ${name} of namespace ${namespace}`;
    if (namespace === "") return `a cluster-wide ${kind}`;
    return `a ${kind} of ${used.has(namespace) ? `namespace ${namespace}` : "another namespace"}`;
  };
}

/** Why the twin of a source would not be equivalent to it, in a sentence. */
export const notEquivalent = (source: string, why: string) => `${source} cannot have a twin: ${why}`;

/** What a policy selects by, and what to do about it. */
export function differenceMessage({ policy, by }: PolicyDifference, nameOf: NameObject): string {
  const name = nameOf(policy.kind, policy.metadata);
  if ("labels" in by) {
    const labels = by.labels.join(", ");
    return by.isLost
      ? `${name} selects by ${labels}, which probe pods do not have. Use a different label in that policy`
      : `${name} selects by ${labels}, in which the source's pods differ. Select source pods that agree in it`;
  }
  return `${name} selects by ${by.family} address, and only one of the source's pods and the probe pod has such an address. Use labels in that policy`;
}
