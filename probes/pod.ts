import type {
  V1Affinity,
  V1Container,
  V1PodDNSConfig,
  V1HostAlias,
  V1Pod,
  V1Toleration,
} from "@kubernetes/client-node";
import { z } from "zod";
import { API_VERSION, NEVER_READY, PROBE_RUN, RUN_ID } from "../crds/group.ts";
import type { Check, PlannedPod, ProbeRun } from "../crds/proberun.ts";
import { CONTACT_PERIOD } from "./contact.ts";

export interface ProbePodInput {
  readonly run: ProbeRun;
  readonly planned: PlannedPod;
  readonly checks: readonly Check[];
  readonly image: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Seconds from the pod's start until the kubelet ends it; must leave time to pull the image. */
  readonly deadlineSeconds: number;
}

/** The runner listens here, accepts and closes: a contact from the pod's own node shows that the pod's network is up. */
export const RUNNER_PORT = 9_797;

/** Whoever wrote the source's pod wrote these, and the API server has checked them. */
const asInPod = <Part extends object>() =>
  z.custom<Part>((value) => typeof value === "object" && value !== null);
const copiedSchema = z.object({
  tolerations: z.array(asInPod<V1Toleration>()),
  hostAliases: z.array(asInPod<V1HostAlias>()),
  dnsConfig: asInPod<V1PodDNSConfig>().optional(),
});

/**
 * The probe pod of a source workload: for the network its twin, for everything else as little as a pod can be (restricted
 * Pod Security, no token, no volumes). No label is added, since for some network plugins one more label is another
 * identity. The readiness gate, which nobody ever sets, keeps it out of every Service; the controlling owner keeps
 * ReplicaSets from adopting it.
 */
export function probePod(input: ProbePodInput): V1Pod {
  const { run, planned, deadlineSeconds } = input;
  const { name, twin } = planned;
  const { tolerations, hostAliases, dnsConfig } = copiedSchema.parse(twin);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: run.metadata.namespace,
      labels: twin.labels,
      annotations: {
        ...twin.annotations,
        [RUN_ID]: run.spec.run.id,
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
      },
      ownerReferences: [ownerOf(run)],
    },
    spec: {
      restartPolicy: "Never",
      readinessGates: [{ conditionType: NEVER_READY }],
      activeDeadlineSeconds: deadlineSeconds,
      terminationGracePeriodSeconds: 1,
      serviceAccountName: twin.serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: twin.imagePullSecrets.map((secret) => ({ name: secret })),
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations,
      hostAliases,
      ...(twin.nodeName !== undefined && { affinity: preferring(twin.nodeName) }),
      ...(twin.runtimeClassName !== undefined && { runtimeClassName: twin.runtimeClassName }),
      ...(twin.dnsPolicy !== undefined && { dnsPolicy: twin.dnsPolicy }),
      ...(dnsConfig !== undefined && { dnsConfig }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        runAsGroup: 65_532,
        seccompProfile: { type: "RuntimeDefault" },
        // Lets ping open its socket without a capability; one of the safe sysctls.
        sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
      },
      containers: [containerOf(input)],
    },
  };
}

function ownerOf({ metadata }: ProbeRun) {
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

function preferring(nodeName: string): V1Affinity {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }];
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchFields } }],
    },
  };
}

function containerOf({ run, checks, image, imagePullPolicy }: ProbePodInput): V1Container {
  return {
    name: "probe",
    image,
    imagePullPolicy,
    command: ["node", "/netverdict/dist/probes/main.js"],
    env: [
      { name: "NETVERDICT_CHECKS", value: JSON.stringify({ checks, probing: run.spec.probing }) },
      // libuv resolves names on half of these: enough for every check to wait for a dead resolver at once.
      { name: "UV_THREADPOOL_SIZE", value: "48" },
      { name: "NETVERDICT_NODE_ADDRESSES", valueFrom: { fieldRef: { fieldPath: "status.hostIPs" } } },
    ],
    // The kubelet shall come by, again and again. It says nothing of readiness: the gate above stays shut.
    readinessProbe: { tcpSocket: { port: RUNNER_PORT }, periodSeconds: CONTACT_PERIOD },
    resources: resourcesFor(checks.length),
    terminationMessagePolicy: "File",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
  };
}

/**
 * Both requests are there for autoscalers and quotas, which cannot deal with a pod that has none. The one for CPU is the
 * pod's weight on a busy node: an attempt takes about 10 ms of CPU, and one that is starved says nothing.
 */
function resourcesFor(checks: number) {
  return { requests: { cpu: `${10 + 5 * checks}m`, memory: "64Mi" }, limits: { memory: "256Mi" } };
}
