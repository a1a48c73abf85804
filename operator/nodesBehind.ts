import type { Backend } from "../crds/proberun.ts";

/** The nodes of what is behind an address, each once; those that nobody knows left out. */
export function nodesBehind(backends: readonly Pick<Backend, "node">[]): string[] {
  return [...new Set(backends.map(({ node }) => node))].filter((node) => node !== "");
}
