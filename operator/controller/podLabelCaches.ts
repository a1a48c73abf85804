import { createHash } from "node:crypto";
import { controllerOf, type Metadata, metadataOf } from "../../crds/metadata.ts";
import { isNamedAsProbePod } from "../cluster/probePod.ts";
import type { Api } from "../runtime/api.ts";
import type { Log } from "../runtime/log.ts";
import { createReflector, type Reflector } from "../runtime/reflector.ts";
import { podsPath, replicaSetsPath } from "../runtime/resourcePaths.ts";

export interface PodLabelCachesOptions {
  readonly api: Api;
  readonly log: Log;
  /** Called when the labels of the pods of the workload with this UID may have changed. */
  readonly onLabelChange: (uid: string) => void;
}

/** The workloads of the pods in the whole cluster, and the labels of the pods, kept as digests. */
export interface PodLabelCaches {
  readonly caches: readonly Pick<Reflector<unknown>, "start" | "stop" | "synced" | "hasSynced">[];
  /**
   * Returns a digest of the labels of each pod of the workload with this UID that is not being deleted. A pod without a
   * controller is its own workload.
   */
  podLabelsOf(uid: string): readonly string[];
  /** Returns the UID of the workload of a pod, by the pod's key; undefined if there is no such pod. */
  workloadOf(key: string): string | undefined;
}

interface LabelledPod {
  readonly metadata: Pick<Metadata, "uid">;
  /** The UID of its controller, such as a ReplicaSet; its own if it has none. */
  readonly controller: string;
  /** Undefined if the pod is being deleted: the pods of its workload that stay decide. */
  readonly labels: string | undefined;
}

interface OwnedReplicaSet {
  readonly metadata: Pick<Metadata, "uid">;
  /** The UID of its controller: a Deployment, or another kind that creates ReplicaSets. */
  readonly owner: string;
}

/**
 * Labels that differ between equal pods of a workload, or between the revisions of its template, whose change is a
 * WorkloadChange (https://kubernetes.io/docs/reference/labels-annotations-taints/).
 */
const LABELS_OF_ONE_POD: ReadonlySet<string> = new Set([
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-completion-index",
  "batch.kubernetes.io/job-name",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "pod-template-generation",
  "pod-template-hash",
  "rollouts-pod-template-hash",
  "statefulset.kubernetes.io/pod-name",
]);

/** Caches of the metadata of pods and ReplicaSets. */
export function createPodLabelCaches({ api, log, onLabelChange }: PodLabelCachesOptions): PodLabelCaches {
  const replicaSets = createReflector<OwnedReplicaSet, "uid" | "owner">({
    api,
    log,
    path: replicaSetsPath(),
    metadataOnly: true,
    parse: ownedReplicaSet,
    indexers: { uid: ({ metadata }) => [metadata.uid], owner: ({ owner }) => [owner] },
    onChange({ before, after }) {
      // Its pods can come before it.
      if (before?.owner === after?.owner) return;
      for (const owner of valuesOf([before, after], "owner")) onLabelChange(owner);
    },
  });
  const ownerOf = (controller: string) => replicaSets.byIndex("uid", controller)[0]?.owner ?? controller;
  const pods = createReflector<LabelledPod, "controller">({
    api,
    log,
    path: podsPath(),
    metadataOnly: true,
    parse: labelledPod,
    indexers: { controller: ({ controller }) => [controller] },
    onChange({ before, after }) {
      if (before?.labels === after?.labels && before?.controller === after?.controller) return;
      for (const controller of new Set(valuesOf([before, after], "controller")))
        onLabelChange(ownerOf(controller));
    },
  });
  return {
    caches: [replicaSets, pods],
    podLabelsOf(uid) {
      const owned = replicaSets.byIndex("owner", uid).map(({ metadata }) => metadata.uid);
      return [uid, ...owned]
        .flatMap((controller) => pods.byIndex("controller", controller))
        .flatMap(({ labels }) => labels ?? []);
    },
    workloadOf(key) {
      const pod = pods.get(key);
      return pod && ownerOf(pod.controller);
    },
  };
}

/** The field of an object before and after a change. */
function valuesOf<Key extends string>(
  versions: readonly (Readonly<Record<Key, string>> | undefined)[],
  key: Key,
): string[] {
  return versions.flatMap((version) => version?.[key] ?? []);
}

/** Nothing of a probe pod. Their specs are not read here, so only the name and the controller show that. */
function labelledPod(raw: unknown): LabelledPod | undefined {
  const { metadata, controller } = controlledObject(raw);
  const { uid, labels, deletionTimestamp } = metadata;
  if (isNamedAsProbePod(metadata)) return undefined;
  const digest = deletionTimestamp === undefined ? digestOfLabels(labels) : undefined;
  return { metadata: { uid }, controller: controller?.uid ?? uid, labels: digest };
}

function ownedReplicaSet(raw: unknown): OwnedReplicaSet | undefined {
  const { metadata, controller } = controlledObject(raw);
  return controller && { metadata: { uid: metadata.uid }, owner: controller.uid };
}

function controlledObject(raw: unknown) {
  const metadata = metadataOf(raw);
  return { metadata, controller: controllerOf(metadata) };
}

function digestOfLabels(labels: Readonly<Record<string, string>>): string {
  const kept = Object.entries(labels)
    .filter(([key]) => !LABELS_OF_ONE_POD.has(key))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(kept)).digest("base64url").slice(0, 16);
}
