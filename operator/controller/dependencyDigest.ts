import { createHash } from "node:crypto";
import type { RerunOn } from "../../crds/connectivitytest.ts";
import type { Metadata } from "../../crds/metadata.ts";
import type { Dependencies, DependencyScope } from "../../crds/proberun/dependencies.ts";
import type { Rollout } from "../cluster/rollout.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { earliest, later } from "../runtime/clock.ts";

/**
 * How long a change waits for the end of a rollout at most, and for an endpoint of a Service that has lost all, in milliseconds:
 * as long as a Deployment waits for progress (`progressDeadlineSeconds`).
 */
export const LONGEST_ROLLOUT = 600_000;

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
  /** What is behind the Service with this key, in no order: workloads and addresses, with their ports. */
  endpointsOf(service: string): readonly string[];
  /**
   * Since when the pods of the workload of this UID are being replaced, or the Service with this key has no ready endpoint, as far
   * as this operator has seen it. Undefined if neither is the case.
   */
  unsettledSince(key: string): Date | undefined;
  /** The error of the API server, if the operator may not watch the Argo Rollouts that are installed. */
  readonly missingRight: ApiError | undefined;
}

/** As this version records them. */
type AllDependencies = Dependencies & Record<"podLabels" | "services" | "endpoints", string[]>;

/** A change that requires another run, and a digest of the new state. */
export interface DependencyChange {
  readonly trigger: RerunOn;
  readonly digest: string;
}

/** A change that does not count yet, because it may be a part of a rollout. */
export interface HeldChange {
  /** When it counts at the latest. */
  readonly heldUntil: Date;
  /** Whether the template of a workload has changed. The other changes may be gone when its pods have been replaced. */
  readonly hasOtherTemplate: boolean;
}

/**
 * Returns the digests of the dependencies of a run that starts now, so that the operator can detect a change later.
 */
export function dependenciesOf(scope: DependencyScope, state: DependencyState): AllDependencies {
  const { namespaces, workloads, services = [] } = scope;
  return {
    namespaces: [...namespaces],
    workloads: [...workloads],
    policies: digest(namespaces.flatMap((namespace) => policyMarks(namespace, state))),
    templates: digest(rolloutsOf(scope, state).map(templateMark)),
    podLabels: workloads.map((uid) => digestOfSet(state.podLabelsOf(uid))),
    services: [...services],
    endpoints: services.map((service) => digestOfSet(state.endpointsOf(service))),
  };
}

interface ChangeQuery {
  readonly rerunOn: readonly RerunOn[];
  /** As it is now. */
  readonly state: DependencyState;
}

interface PossibleChange extends DependencyChange {
  /** Workloads and Services, by the keys of `unsettledSince`. */
  readonly waitsFor: readonly string[];
  readonly isTemplate?: boolean;
}

/**
 * Returns the change since a run started, among those that the author named, if any. While the pods of a workload are
 * being replaced, there is none of its template, its labels or its endpoints: a run during its rollout would be Inconclusive.
 * If the rollout does not end within `LONGEST_ROLLOUT`, the change counts nevertheless.
 */
export function changedDependency(
  was: Dependencies,
  { rerunOn, state, now }: ChangeQuery & { readonly now: Date },
): DependencyChange | HeldChange | undefined {
  const held: Date[] = [];
  let hasOtherTemplate = false;
  for (const { waitsFor, trigger, digest: changed, isTemplate = false } of possibleChanges(was, {
    rerunOn,
    state,
  })) {
    const since = waitsFor.flatMap((key) => state.unsettledSince(key)?.getTime() ?? []);
    const heldUntil = later(new Date(Math.max(0, ...since)), LONGEST_ROLLOUT);
    if (since.length === 0 || heldUntil <= now) return { trigger, digest: changed };
    held.push(heldUntil);
    hasOtherTemplate ||= isTemplate;
  }
  const heldUntil = earliest(held);
  return heldUntil && { heldUntil, hasOtherTemplate };
}

function possibleChanges(was: Dependencies, { rerunOn, state }: ChangeQuery): PossibleChange[] {
  const is = dependenciesOf(was, state);
  const { workloads } = was;
  const otherServices = is.services.filter((_, at) => is.endpoints[at] !== was.endpoints?.[at]);
  const changes: (PossibleChange & { readonly isOther: boolean })[] = [
    {
      trigger: "PolicyChange",
      isOther: is.policies !== was.policies,
      digest: is.policies,
      waitsFor: [],
    },
    {
      trigger: "WorkloadChange",
      isTemplate: true,
      isOther: haveOtherTemplates(was, state),
      digest: is.templates,
      waitsFor: workloads,
    },
    {
      trigger: "PolicyChange",
      isOther: haveOtherLabels(was, is),
      digest: digest([is.policies, ...is.podLabels]),
      waitsFor: workloads,
    },
    {
      trigger: rerunOn.includes("PolicyChange") ? "PolicyChange" : "WorkloadChange",
      // An earlier version recorded no Services, so their endpoints may have changed.
      isOther: was.services === undefined || otherServices.length > 0,
      digest: digest([is.policies, ...is.podLabels, ...is.endpoints]),
      waitsFor: [...workloads, ...otherServices],
    },
  ];
  return changes.filter(({ trigger, isOther }) => isOther && rerunOn.includes(trigger));
}

/** Pods that are missing, or not available, are no change of a workload whose rollout had ended. */
function haveOtherTemplates(was: Dependencies, state: DependencyState): boolean {
  const rollouts = rolloutsOf(was, state);
  const ended = rollouts.map((rollout) => templateMark({ ...rollout, isDone: true }));
  return ![digest(rollouts.map(templateMark)), digest(ended)].includes(was.templates);
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

function rolloutsOf({ workloads }: Pick<DependencyScope, "workloads">, state: DependencyState): Rollout[] {
  return workloads.flatMap((uid) => state.rolloutOf(uid) ?? []);
}

const templateMark = ({ metadata, template, isDone }: Rollout) => `${metadata.uid} ${template} ${isDone}`;

/** Equal members are one. Empty if there is none. */
function digestOfSet(members: readonly string[]): string {
  return members.length === 0 ? "" : digest([...new Set(members)]);
}

function digest(marks: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(marks.toSorted())).digest("base64url").slice(0, 16);
}
