import type { Policy } from "../cluster/policies/policy.ts";
import { findSources } from "../endpoints/sources.ts";
import { pod, snapshot, type Cluster } from "./objects.ts";

type Labels = Readonly<Record<string, string>>;

/** The sources of a StatefulSet with these pods: the names of the pods by the name of the source. */
export function sourcesOf(pods: readonly Labels[], policies: readonly Policy[], cluster: Cluster = {}) {
  const found = findSources({
    from: { podSelector: { matchLabels: { app: "db" } } },
    own: "shop",
    snapshot: snapshot({
      pods: pods.map((labels, index) =>
        pod(`db-${index}`, { labels: { app: "db", ...labels }, owner: "StatefulSet/db" }),
      ),
      policies,
      ...cluster,
    }),
    rotation: 0,
  });
  const sources = Object.fromEntries(
    found.sources.map((one) => [one.name, one.pod ? one.pods.map(({ metadata }) => metadata.name) : []]),
  );
  return { ...found, sources };
}

/** The labels of the pods, the policies, and the names of the pods by the name of the source. */
export type GroupCase = [readonly Labels[], readonly Policy[], Record<string, string[]>];

export const replicas = [{ role: "primary" }, { role: "replica" }, {}];
