import type { ClusterReads } from "../cluster/lists.ts";
import type { KnownRuns } from "../cluster/probePod.ts";
import type { Api } from "../runtime/api.ts";

/** What the operator reads through an API, with these ProbeRuns in its cache. */
export const readsOf = (api: Pick<Api, "get" | "list">, runs: KnownRuns = new Map()): ClusterReads => ({
  get: api.get,
  list: api.list,
  runs,
});
