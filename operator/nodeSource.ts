import type { FoundSources } from "./sources.ts";
import type { Surroundings } from "./surroundings.ts";

/** A node as the source: what is tried is tried from its own network, whose traffic no policy about pods is for. */
export function nodeSource(name: string, { nodes }: Pick<Surroundings, "nodes">): FoundSources {
  const workload = `Node/${name}`;
  const node = nodes?.find((one) => one.name === name);
  if (node === undefined)
    return { sources: [], findings: [{ reason: "SourceNotFound", message: `${workload} does not exist` }] };
  return {
    sources: [{ workload, node: name, families: new Set(node.internal.keys()), nodes: 1 }],
    findings: [],
  };
}
