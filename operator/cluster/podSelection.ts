import { isPods, type ExpectationSource, type Target } from "../../crds/expectation.ts";
import { keyOf } from "../../crds/object.ts";
import type { ProbeGrant } from "../../crds/probegrant.ts";
import type { Problem } from "../../crds/reasons.ts";
import { selects, type LabelSelector } from "../../crds/selector.ts";
import { mayBeSelected, type Surroundings } from "./snapshot.ts";
import { isRunning, type WorkloadPod } from "./workloadPod.ts";

/** Pods by their labels, as an expectation names its sources or its targets. */
export interface Selection extends ExpectationSource {
  readonly role: "sources" | "targets";
}

/** What decides how far a selection reaches. */
export interface Limits extends Pick<Surroundings, "grants" | "namespaces"> {
  /** The test's own namespace; "": it has none, and needs no grants. */
  readonly own: string;
}

/** A namespace that a selection reaches; `grants`: no other pods of it than those that these grant. */
export interface Reach {
  readonly namespace: string;
  readonly grants?: readonly ProbeGrant[];
}

/** A pod that a selection means; `grant`: by the ProbeGrant of this `namespace/name`. */
export interface ReachedPod {
  readonly pod: WorkloadPod;
  readonly grant?: string;
}

export const sourcesOf = (from: ExpectationSource): Selection => ({ ...from, role: "sources" });

/** Undefined: the target is not pods by their labels. */
export function targetsOf(to: Target | undefined): Selection | undefined {
  if (!to || !isPods(to)) return undefined;
  const { podSelector, namespaceSelector } = to;
  return { podSelector, namespaceSelector, role: "targets" };
}

/**
 * The namespaces that a selection reaches, by their names: of those that it means, the test's own and those that have granted
 * it something. So whatever follows cannot tell one that has not from one that does not exist.
 */
export function reachOf(selection: Selection, limits: Limits): Reach[] {
  return namespacesMeant(selection, limits)
    .toSorted()
    .flatMap((namespace): Reach[] => {
      if (limits.own === "" || namespace === limits.own) return [{ namespace }];
      const grants = grantsIn(namespace, selection, limits);
      return grants.length === 0 ? [] : [{ namespace, grants }];
    });
}

// As in a NetworkPolicy: without a namespaceSelector, pods of the own namespace are meant
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors).
function namespacesMeant({ namespace, namespaceSelector }: Selection, { own, namespaces }: Limits) {
  if (namespaceSelector === undefined) return [namespace ?? own];
  return [...(namespaces ?? [])].flatMap(([name, labels]) =>
    selects(namespaceSelector, labels) ? [name] : [],
  );
}

function grantsIn(namespace: string, { role }: Selection, { grants, own }: Limits): ProbeGrant[] {
  return grants
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespace && spec[role] && spec.to.some((to) => to.namespace === own),
    )
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

/** The running pods that a selection means, of those that it reaches. */
export function reachedPods(
  selection: Selection,
  { pods, runningByLabel, ...limits }: Limits & Pick<Surroundings, "pods" | "runningByLabel">,
): ReachedPod[] {
  const { podSelector = {}, role } = selection;
  return reachOf(selection, limits).flatMap(({ namespace, grants }) =>
    mayBeSelected({ pods, runningByLabel }, namespace, podSelector)
      .filter((pod) => isRunning(pod) && selects(podSelector, pod.metadata.labels))
      .flatMap((pod): ReachedPod[] => {
        if (grants === undefined) return [{ pod }];
        const grant = grants.find(({ spec }) => isGranted(pod, spec[role]));
        return grant ? [{ pod, grant: keyOf(grant.metadata) }] : [];
      }),
  );
}

function isGranted({ metadata }: WorkloadPod, granted: { podSelector: LabelSelector } | undefined) {
  return granted !== undefined && selects(granted.podSelector, metadata.labels);
}

/** Of the pods of a namespace those that some of the grants names, be it as sources or as targets. */
export function grantedPods(pods: readonly WorkloadPod[], grants: readonly ProbeGrant[]): WorkloadPod[] {
  return pods.filter((pod) =>
    grants.some(({ spec }) => isGranted(pod, spec.sources) || isGranted(pod, spec.targets)),
  );
}

/**
 * Why a selection means no pod. Whether something was granted decides between the reasons, and nothing else does: neither
 * whether the namespace exists, nor what is in it.
 */
export function nobodyReached(selection: Selection, limits: Limits): Problem {
  const { role, namespace, namespaceSelector } = selection;
  const { own } = limits;
  const part = role === "sources" ? "source" : "target";
  const notFound = role === "sources" ? "SourceNotFound" : "TargetNotFound";
  const reach = reachOf(selection, limits);
  if (own === "") {
    const what = reach.length === 0 ? "no namespace matches" : "no running pod matches";
    return { reason: notFound, message: `${what} the ${part}'s selectors` };
  }
  if (reach.length === 0) {
    const where = namespaceSelector === undefined ? `namespace ${namespace ?? own}` : "such namespaces";
    return {
      reason: "NotGranted",
      message: `no ProbeGrant lets namespace ${own} have pods of ${where} as ${role}`,
    };
  }
  const granted = reach.some(({ grants }) => grants !== undefined) ? " that this namespace was granted" : "";
  return { reason: notFound, message: `no running pod${granted} matches the ${part}'s podSelector` };
}
