/** Why a twin does not take over a label, or all labels with a prefix (it ends with a slash). */
interface LeftOut {
  readonly labels: readonly string[];
  readonly reason: string;
}

/**
 * The labels that a twin does not take over, because a controller, a scheduler or a webhook would act on the twin as on a pod
 * of the workload. If a policy selects by one of them, the source has no twin (`SourceNotReproducible`). A label that is
 * used by people alone belongs to the identity, and is not on this list.
 *
 * Annotations need no such list: a twin takes over those of an allow-list. So pins such as `karpenter.sh/do-not-disrupt`,
 * `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"` or `scheduling.k8s.io/group-name` never reach a twin.
 */
export const LEFT_OUT_LABELS: readonly LeftOut[] = [
  {
    labels: ["pod-template-hash", "controller-revision-hash", "pod-template-generation"],
    reason:
      "the revision: the workload's controller would count the twin as a pod of that revision, or adopt it",
  },
  {
    labels: ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"],
    reason: "one pod of a StatefulSet: a Service for that pod would select the twin too",
  },
  {
    labels: ["controller-uid", "job-name", "batch.kubernetes.io/"],
    reason: "one Job: its controller would count the twin as a pod of the Job",
  },
  {
    labels: ["jobset.sigs.k8s.io/", "leaderworkerset.sigs.k8s.io/", "training.kubeflow.org/"],
    reason:
      "a group of pods: webhooks reject or gate its pods, and a controller creates further pods for a leader",
  },
  {
    labels: ["ray.io/"],
    reason: "KubeRay counts the pods of a group by label alone, and deletes those that are too many",
  },
  {
    labels: ["spark-app-selector", "spark-exec-id", "spark-role"],
    reason: "the driver of a Spark application counts its executors by label alone",
  },
  {
    labels: ["workflows.argoproj.io/"],
    reason: "a step of a workflow: its controller watches the pods of a workflow by label alone",
  },
  {
    labels: ["kueue.x-k8s.io/"],
    reason: "Kueue: its webhook gates a pod of a queue until the quota of the queue admits it",
  },
  {
    labels: ["volcano.sh/", "scheduling.volcano.sh/", "kai.scheduler/", "yunikorn.apache.org/"],
    reason: "batch schedulers: the twin would wait in a queue, and use its quota",
  },
  {
    labels: ["scheduling.x-k8s.io/", "pod-group.scheduling.sigs.k8s.io", "pod-group.scheduling.sigs.k8s.io/"],
    reason: "coscheduling: the twin would wait for its group, or complete a group that lacks a pod",
  },
  {
    labels: ["cluster-autoscaler.kubernetes.io/", "karpenter.sh/"],
    reason: "autoscalers: a pinned twin would keep a node from being removed, which costs money",
  },
];

const EXACT = new Set(LEFT_OUT_LABELS.flatMap(({ labels }) => labels));
const PREFIXES = [...EXACT].filter((label) => label.endsWith("/"));

/** Reports whether a twin does not take over the label. */
export const isLeftOut = (label: string) =>
  EXACT.has(label) || PREFIXES.some((prefix) => label.startsWith(prefix));
