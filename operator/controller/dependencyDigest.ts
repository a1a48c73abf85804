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
  /** A digest of the labels of each pod of the workload of this UID. */
  podLabelsOf(uid: string): readonly string[];
}

/** As this version records them. */
type AllDependencies = Dependencies & { podLabels: string[] };

/** A change that requires another run, and a digest of the new state. */
export interface DependencyChange {
  readonly trigger: RerunOn;
  readonly digest: string;
}

/**
 * Returns the digests of the dependencies of a run that starts now, so that the operator can detect a change later.
 */
export function dependenciesOf(scope: DependencyScope, state: DependencyState): AllDependencies {
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
    podLabels: workloads.map((uid) => {
      const labels = new Set(state.podLabelsOf(uid));
      return labels.size === 0 ? "" : digest([...labels]);
    }),
  };
}

/**
 * Returns the change since a run started, among those that the author named, if any. While the pods of a workload are
 * being replaced, there is none of its template or its labels: a run during its rollout would be Inconclusive.
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
  if (rerunOn.includes("PolicyChange") && haveOtherLabels(was, is) && isSettled(was, state))
    return { trigger: "PolicyChange", digest: digest([is.policies, ...is.podLabels]) };
  return undefined;
}

/**
 * Whether the pods of a workload have other labels. A workload without pods changes nothing: they are being restarted, or it is
 * scaled to zero, and its next pods decide. An earlier version recorded no labels, so they may have changed.
 */
function haveOtherLabels({ podLabels }: Dependencies, is: AllDependencies): boolean {
  return (
    podLabels === undefined || is.podLabels.some((labels, at) => labels !== "" && labels !== podLabels[at])
  );
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
