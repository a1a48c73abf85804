import { createHash } from "node:crypto";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { Metadata } from "../../crds/metadata.ts";
import type { Dependencies, DependencyScope } from "../../crds/proberun/dependencies.ts";
import type { Rollout } from "../cluster/rollout.ts";

/** A NetworkPolicy, with the fields that show a change. */
export interface PolicyVersion {
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid" | "generation">;
}

/** A Service, as far as it decides which pods are behind it. */
export interface ServiceSelector {
  readonly metadata: Pick<Metadata, "namespace" | "name" | "uid">;
  readonly selector: Readonly<Record<string, string>>;
}

/** The cached dependencies of verdicts. */
export interface DependencyState {
  policiesOf(namespace: string): readonly PolicyVersion[];
  /** The labels of a namespace, by which policies select; none if it does not exist. */
  labelsOf(namespace: string): Readonly<Record<string, string>>;
  /** The Services of a namespace, with what they select pods by. */
  servicesOf(namespace: string): readonly ServiceSelector[];
  /** Of the workload of this UID. */
  rolloutOf(uid: string): Rollout | undefined;
}

/** A change that requires another run, and a digest of the new state. */
export interface DependencyChange {
  readonly trigger: RerunOn;
  readonly digest: string;
}

/**
 * Returns the digests of the dependencies of a run that starts now, so that the operator can detect a change later.
 */
export function dependenciesOf(scope: DependencyScope, state: DependencyState): Dependencies {
  const { namespaces, workloads } = scope;
  return {
    namespaces: [...namespaces],
    workloads: [...workloads],
    policies: digest(namespaces.flatMap((namespace) => policyMarks(namespace, state))),
    templates: digest(
      rolloutsOf(scope, state).map(
        ({ metadata, template, isDone }) => `${metadata.uid} ${template} ${isDone}`,
      ),
    ),
  };
}

/**
 * Returns the change since a run started, among those that the author named, if any. While the pods of a workload are
 * being replaced, there is none: a run during its rollout would be Inconclusive.
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

/** What decides which pods policies treat how: the policies, the labels of the namespace, and the Services there. */
function policyMarks(namespace: string, state: DependencyState): string[] {
  const inOrder = (labels: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return [
    ...state.policiesOf(namespace).map(({ metadata: { uid, generation } }) => `${uid} ${generation}`),
    `labels of ${namespace}: ${inOrder(state.labelsOf(namespace))}`,
    ...state
      .servicesOf(namespace)
      .map(({ metadata, selector }) => `${metadata.uid} selects ${inOrder(selector)}`),
  ];
}

const isSettled = (dependencies: Dependencies, state: DependencyState) =>
  rolloutsOf(dependencies, state).every(({ isDone }) => isDone);

function rolloutsOf({ workloads }: Pick<DependencyScope, "workloads">, state: DependencyState): Rollout[] {
  return workloads.flatMap((uid) => state.rolloutOf(uid) ?? []);
}

function digest(marks: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(marks.toSorted())).digest("base64url").slice(0, 16);
}
