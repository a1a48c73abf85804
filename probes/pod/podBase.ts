import type {
  V1Container,
  V1EnvVar,
  V1Pod,
  V1PodSecurityContext,
  V1PodSpec,
  V1Probe,
} from "@kubernetes/client-node";
import { API_VERSION, NEVER_READY, PRIORITY_CLASS, PROBE_RUN, RUN_ID } from "../../crds/group.ts";
import type { Check, PlannedPod, ProbeRun } from "../../crds/proberun/proberun.ts";
import { resourcesFor } from "./resources.ts";

export interface ProbePodInput {
  readonly run: ProbeRun;
  readonly planned: PlannedPod;
  readonly checks: readonly Check[];
  /** The node to run on without the scheduler. Default: the scheduler chooses. */
  readonly assignedNode?: string | undefined;
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Seconds from the pod's start until the kubelet ends it; includes the time to pull the image. */
  readonly deadlineSeconds: number;
}

type Texts = Record<string, string>;

/**
 * The properties of every pod of netverdict: owned by its run, never Ready (a readiness gate that no controller
 * sets), without a token, and short-lived. The controlling owner keeps ReplicaSets from adopting it.
 */
export function basePod(
  { run, planned }: ProbePodInput,
  { labels, annotations }: { labels: Texts; annotations: Texts },
): Omit<V1Pod, "spec"> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: planned.name,
      namespace: run.metadata.namespace,
      labels,
      annotations: {
        ...annotations,
        [RUN_ID]: run.spec.run.id,
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
      },
      ownerReferences: [runOwnerReference(run)],
    },
  };
}

/** The part of the spec that all pods share. By their PriorityClass they preempt no other pod. */
export function basePodSpec({ deadlineSeconds }: ProbePodInput): Omit<V1PodSpec, "containers"> {
  return {
    restartPolicy: "Never",
    priorityClassName: PRIORITY_CLASS,
    readinessGates: [{ conditionType: NEVER_READY }],
    activeDeadlineSeconds: deadlineSeconds,
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: { "kubernetes.io/os": "linux" },
  };
}

/** The user of the image, with the seccomp profile of the runtime. */
export const UNPRIVILEGED = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  seccompProfile: { type: "RuntimeDefault" },
} as const satisfies V1PodSecurityContext;

export interface RunnerSettings {
  /** Whether the runner goes on until the pod is ended, and reports then. */
  readonly untilEnded?: boolean;
  /** The runner's environment variables besides its checks. */
  readonly environment?: readonly V1EnvVar[];
  /** The readiness probe of the kubelet. Default: none. */
  readonly readinessProbe?: V1Probe;
  /** The capabilities that are not dropped. */
  readonly capabilities?: readonly string[];
}

/**
 * How a container starts the runner. The signal that starts Node's inspector is off: with it, a user who may run commands in
 * the pod could change the report before the runner writes it.
 */
export const RUNNER_COMMAND = ["node", "--disable-sigusr1", "/netverdict/runner.mjs"] as const;

/** Returns the one container, with the runner in it. */
export function runnerContainer(
  { run, planned, checks, image, imagePullPolicy }: ProbePodInput,
  { untilEnded = false, environment = [], readinessProbe, capabilities }: RunnerSettings = {},
): V1Container {
  const { probing } = run.spec;
  const settings = { checks, probing, ...(untilEnded && { untilEnded }) };
  return {
    name: "probe",
    image,
    imagePullPolicy,
    command: [...RUNNER_COMMAND],
    env: [
      { name: "NETVERDICT_CHECKS", value: JSON.stringify(settings) },
      // libuv resolves names on half of these threads: enough for every check to wait for a dead resolver at once.
      { name: "UV_THREADPOOL_SIZE", value: "48" },
      ...environment,
    ],
    ...(readinessProbe && { readinessProbe }),
    resources: planned.resources ?? resourcesFor(checks.length),
    terminationMessagePolicy: "File",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"], ...(capabilities && { add: [...capabilities] }) },
      readOnlyRootFilesystem: true,
    },
  };
}

function runOwnerReference({ metadata }: ProbeRun) {
  const { name, uid } = metadata;
  return {
    apiVersion: API_VERSION,
    kind: PROBE_RUN.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
