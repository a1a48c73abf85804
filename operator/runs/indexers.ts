import { controllerOf, keyOf, type Metadata } from "../../crds/metadata.ts";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import type { ProbePod } from "../cluster/probePod.ts";
import type { Indexers } from "../runtime/indexes.ts";
import { keyOfRun } from "./ownerKeys.ts";

/** How ProbeRuns are found in the cache. */
export const RUN_INDEXERS = {
  /** By the UID of their controller. */
  owner: ownerOf,
  /** By the key of their test, also where it is not their controller. */
  test: (run: ProbeRun) => listOf(keyOfRun(run)),
  /** By the key of a grant that they depend on. */
  grant: ({ spec }: ProbeRun) => spec.grants.map((grant) => keyOf(grant)),
  /** By a namespace whose policies their verdict depends on. */
  policyNamespace: ({ spec }: ProbeRun) => spec.dependencies?.namespaces ?? [],
  /** Those that have not ended, under "". */
  unfinished: ({ status }: ProbeRun) => (status.phase === "Finished" ? [] : [""]),
  /** By the UID of a workload that their verdict depends on. */
  workload: ({ spec }: ProbeRun) => spec.dependencies?.workloads ?? [],
  /** By the key of a Service whose endpoints their verdict depends on. */
  service: ({ spec }: ProbeRun) => spec.dependencies?.services ?? [],
} as const satisfies Indexers<ProbeRun, string>;
export type RunIndex = keyof typeof RUN_INDEXERS;

/** How probe pods are found in the cache. */
export const POD_INDEXERS = {
  /** By the UID of the ProbeRun that controls them. */
  owner: ownerOf,
} as const satisfies Indexers<ProbePod, string>;
export type PodIndex = keyof typeof POD_INDEXERS;

function ownerOf({ metadata }: { readonly metadata: Metadata }) {
  return listOf(controllerOf(metadata)?.uid);
}

const listOf = (value: string | undefined) => (value === undefined ? [] : [value]);
