import type { V1Affinity, V1Pod } from "@kubernetes/client-node";
import {
  basePod,
  basePodSpec,
  runnerContainer,
  UNPRIVILEGED,
  type ProbePodInput,
  type RunnerSettings,
} from "./podBase.ts";

/** A listener starts first, and runs longer than the pods that connect to it. */
const EXTRA_LISTENER_ROUNDS = 4;

/**
 * Builds a witness of a link: on the pod network, on one node independent of its taints, and restricted. A witness
 * without checks listens; the others connect to listeners.
 */
export function linkWitnessPod(input: ProbePodInput, node: string): V1Pod {
  const { probing } = input.run.spec;
  const maxRounds = probing.maxRounds + EXTRA_LISTENER_ROUNDS;
  const settings =
    input.checks.length === 0
      ? { everyRound: true, probing: { ...probing, maxRounds } }
      : { everyRound: true, environment: NO_LISTENER };
  return {
    ...basePod(input, { labels: {}, annotations: {} }),
    spec: {
      ...basePodSpec(input),
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: pinnedTo(node),
      securityContext: UNPRIVILEGED,
      containers: [runnerContainer(input, settings)],
    },
  };
}

/** The pod listens on no port. */
const NO_LISTENER = [{ name: "NETVERDICT_PORT", value: "0" }] as const;

/** Builds a witness on the host network of a node. */
export function witnessPod(input: ProbePodInput, node: string): V1Pod {
  return hostPod(input, node, { everyRound: true });
}

/** Builds the probe pod of a node as a source: it runs the checks of its test, and ends when they have settled. */
export function nodePod(input: ProbePodInput, node: string): V1Pod {
  return hostPod(input, node, {});
}

/**
 * The user of a pod on the host network. Some engines let only the packets of root's sockets on a node pass their
 * policies, such as kind's (sigs.k8s.io/kube-network-policies), because the kubelet's probes are among them.
 */
const ROOT_WITHOUT_CAPABILITIES = {
  ...UNPRIVILEGED,
  runAsNonRoot: false,
  runAsUser: 0,
  runAsGroup: 0,
} as const;

/**
 * On the host network of one node, independent of its taints. It is root without capabilities, and listens on no port.
 * Only to ping it has NET_RAW: the sysctl that lets other pods ping is not available to host-network pods
 * (https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/).
 */
function hostPod(input: ProbePodInput, node: string, rounds: Pick<RunnerSettings, "everyRound">): V1Pod {
  const pings = input.checks.some(({ tool }) => tool === "icmp");
  const settings = { ...rounds, environment: NO_LISTENER };
  return {
    ...basePod(input, { labels: {}, annotations: {} }),
    spec: {
      ...basePodSpec(input),
      hostNetwork: true,
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: pinnedTo(node),
      securityContext: ROOT_WITHOUT_CAPABILITIES,
      containers: [runnerContainer(input, { ...settings, ...(pings && { capabilities: ["NET_RAW"] }) })],
    },
  };
}

/** Uses the scheduler instead of bypassing it, so the pod's conditions report why the pod cannot run on this node. */
function pinnedTo(node: string): V1Affinity {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}
