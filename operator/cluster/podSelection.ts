import { isPods, type ExpectationSource, type Target } from "../../crds/expectation.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Problem } from "../../crds/reasons.ts";
import { selects, type LabelSelector } from "../../crds/selector.ts";
import { mayBeSelected, type ClusterSnapshot } from "./snapshot.ts";
import { hasNetwork, isRunning, type WorkloadPod } from "./workloadPod.ts";

/** Pods by their labels, as the sources or the targets of an expectation. */
export interface Selection extends ExpectationSource {
  readonly role: "sources" | "targets";
}

/** The state that decides which namespaces a selection can access. */
export interface AccessScope extends Pick<ClusterSnapshot, "grants" | "namespaces"> {
  /** The test's own namespace; "" for a test without one, which needs no grants. */
  readonly own: string;
}

/** A namespace that a selection can access. With `grants`: only the pods that these grant. */
export interface NamespaceAccess {
  readonly namespace: string;
  readonly grants?: readonly ProbeGrant[];
}

/** A selected pod; `grant` is the `namespace/name` of the ProbeGrant that allows it. */
export interface SelectedPod {
  readonly pod: WorkloadPod;
  readonly grant?: string;
}

export const sourceSelection = (from: ExpectationSource): Selection => ({ ...from, role: "sources" });

/** Undefined if the target is not pods by their labels. */
export function targetSelection(to: Target | undefined): Selection | undefined {
  if (!to || !isPods(to)) return undefined;
  const { podSelector, namespaceSelector } = to;
  return { podSelector, namespaceSelector, role: "targets" };
}

/**
 * Returns the names of the namespaces that a selection can access: the test's own, and those with a grant for it. So
 * later stages cannot distinguish a namespace without a grant from one that does not exist.
 */
export function accessibleNamespaces(selection: Selection, scope: AccessScope): NamespaceAccess[] {
  return selectedNamespaces(selection, scope)
    .toSorted()
    .flatMap((namespace): NamespaceAccess[] => {
      if (scope.own === "" || namespace === scope.own) return [{ namespace }];
      const grants = grantsIn(namespace, selection, scope);
      return grants.length === 0 ? [] : [{ namespace, grants }];
    });
}

// As in a NetworkPolicy: without a namespaceSelector, the selector applies to the test's own namespace
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors).
function selectedNamespaces({ namespace, namespaceSelector }: Selection, { own, namespaces }: AccessScope) {
  if (namespaceSelector === undefined) return [namespace ?? own];
  return [...(namespaces ?? [])].flatMap(([name, labels]) =>
    selects(namespaceSelector, labels) ? [name] : [],
  );
}

function grantsIn(namespace: string, { role }: Selection, { grants, own }: AccessScope): ProbeGrant[] {
  return grants
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespace && spec[role] && spec.to.some((to) => to.namespace === own),
    )
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

/**
 * Returns the pods that a selection matches in the namespaces that it can access, and that can be a source or a target: a source
 * has a network, a target runs.
 */
export function selectPods(
  selection: Selection,
  scope: AccessScope & Pick<ClusterSnapshot, "pods" | "podsByLabel">,
): SelectedPod[] {
  const isUsable = selection.role === "sources" ? hasNetwork : isRunning;
  return matchingPods(selection, scope).filter(({ pod }) => isUsable(pod));
}

/** Returns all pods that a selection matches in the namespaces that it can access, in any phase. */
export function matchingPods(
  selection: Selection,
  { pods, podsByLabel, ...scope }: AccessScope & Pick<ClusterSnapshot, "pods" | "podsByLabel">,
): SelectedPod[] {
  const { podSelector = {}, role } = selection;
  return accessibleNamespaces(selection, scope).flatMap(({ namespace, grants }) =>
    mayBeSelected({ pods, podsByLabel }, namespace, podSelector)
      .filter((pod) => selects(podSelector, pod.metadata.labels))
      .flatMap((pod): SelectedPod[] => {
        if (grants === undefined) return [{ pod }];
        const grant = grants.find(({ spec }) => isGrantedPod(pod, spec[role]));
        return grant ? [{ pod, grant: keyOf(grant.metadata) }] : [];
      }),
  );
}

function isGrantedPod({ metadata }: WorkloadPod, granted: { podSelector: LabelSelector } | undefined) {
  return granted !== undefined && selects(granted.podSelector, metadata.labels);
}

/** Returns the pods of a namespace that one of the grants covers, as sources or as targets. */
export function grantedPods(pods: readonly WorkloadPod[], grants: readonly ProbeGrant[]): WorkloadPod[] {
  return pods.filter((pod) =>
    grants.some(({ spec }) => isGrantedPod(pod, spec.sources) || isGrantedPod(pod, spec.targets)),
  );
}

/**
 * Returns why a selection matches no pod. Only the grants decide the reason: neither the existence of the namespace
 * nor its pods do.
 */
export function noPodsProblem(selection: Selection, scope: AccessScope): Problem {
  const { role, namespace, namespaceSelector } = selection;
  const { own } = scope;
  const part = role === "sources" ? "source" : "target";
  const notFound = role === "sources" ? "SourceNotFound" : "TargetNotFound";
  const access = accessibleNamespaces(selection, scope);
  if (own === "") {
    const what = access.length === 0 ? "no namespace matches" : "no running pod matches";
    return { reason: notFound, message: `${what} the ${part}'s selectors`, transient: true };
  }
  if (access.length === 0) {
    const where = namespaceSelector === undefined ? `namespace ${namespace ?? own}` : "such namespaces";
    return {
      reason: "NotGranted",
      message: `no ProbeGrant lets namespace ${own} use pods of ${where} as ${role}`,
    };
  }
  const granted = access.some(({ grants }) => grants !== undefined) ? " granted to this namespace" : "";
  return {
    reason: notFound,
    message: `no running pod${granted} matches the ${part}'s podSelector`,
    transient: true,
  };
}
