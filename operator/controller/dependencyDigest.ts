import { createHash } from "node:crypto";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { Metadata } from "../../crds/metadata.ts";
import type { Dependencies, DependencyScope } from "../../crds/proberun/dependencies.ts";
import type { Rollout } from "../cluster/rollout.ts";

/** A NetworkPolicy, as far as it takes to see that it has become another. */
export interface PolicyVersion {
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid" | "generation">;
}

/** What the caches hold of what verdicts rest on. */
export interface DependencyState {
  policiesOf(namespace: string): readonly PolicyVersion[];
  /** Of the workload of this UID. */
  rolloutOf(uid: string): Rollout | undefined;
}

/** A change that calls for another run, and a digest of what it led to. */
export interface DependencyChange {
  readonly trigger: RerunOn;
  readonly digest: string;
}

/** What a run rests on that begins now, in digests, so that a later look tells whether it still does. */
export function dependenciesOf(scope: DependencyScope, state: DependencyState): Dependencies {
  const { namespaces, workloads } = scope;
  return {
    namespaces: [...namespaces],
    workloads: [...workloads],
    policies: digest(
      namespaces
        .flatMap((namespace) => state.policiesOf(namespace))
        .map(({ metadata: { uid, generation } }) => `${uid} ${generation}`),
    ),
    templates: digest(
      rolloutsOf(scope, state).map(
        ({ metadata, template, isDone }) => `${metadata.uid} ${template} ${isDone}`,
      ),
    ),
  };
}

/**
 * Which of the changes that the author named has come about since a run began, if any. A workload whose pods are being
 * replaced is waited for: a run that fell into its rollout would be Inconclusive.
 */
export function changedDependency(
  was: Dependencies,
  rerunOn: readonly RerunOn[],
  state: DependencyState,
): DependencyChange | undefined {
  const is = dependenciesOf(was, state);
  if (rerunOn.includes("PolicyChange") && is.policies !== was.policies)
    return { trigger: "PolicyChange", digest: is.policies };
  if (rerunOn.includes("WorkloadChange") && is.templates !== was.templates && isSettled(was, state))
    return { trigger: "WorkloadChange", digest: is.templates };
  return undefined;
}

const isSettled = (dependencies: Dependencies, state: DependencyState) =>
  rolloutsOf(dependencies, state).every(({ isDone }) => isDone);

function rolloutsOf({ workloads }: Pick<DependencyScope, "workloads">, state: DependencyState): Rollout[] {
  return workloads.flatMap((uid) => state.rolloutOf(uid) ?? []);
}

function digest(marks: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(marks.toSorted())).digest("base64url").slice(0, 16);
}
