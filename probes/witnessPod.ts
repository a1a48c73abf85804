import type { V1Affinity, V1Pod } from "@kubernetes/client-node";
import {
  bareObject,
  bareSpec,
  runnerContainer,
  UNPRIVILEGED,
  type Orders,
  type ProbePodInput,
} from "./barePod.ts";

/** A listener is there first, and stays longer than those that connect to it. */
const ROUNDS_MORE = 4;

/**
 * A witness of a wire: on the pod network, on one node, whatever taints that node has, and restricted. One without checks
 * listens, for as long as it takes; the others connect to such.
 */
export function wireWitnessPod(input: ProbePodInput, node: string): V1Pod {
  const { probing } = input.run.spec;
  const maxRounds = probing.maxRounds + ROUNDS_MORE;
  const orders =
    input.checks.length === 0
      ? { everyRound: true, probing: { ...probing, maxRounds } }
      : { everyRound: true, environment: SILENT };
  return {
    ...bareObject(input, { labels: {}, annotations: {} }),
    spec: {
      ...bareSpec(input),
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: pinnedTo(node),
      securityContext: UNPRIVILEGED,
      containers: [runnerContainer(input, orders)],
    },
  };
}

/** It opens no port. */
const SILENT = [{ name: "NETVERDICT_PORT", value: "0" }] as const;

/** A witness on the network of a node. */
export function witnessPod(input: ProbePodInput, node: string): V1Pod {
  return hostPod(input, node, { everyRound: true });
}

/** A node as a source: it tries what its test says, and ends when that has settled. */
export function nodePod(input: ProbePodInput, node: string): V1Pod {
  return hostPod(input, node, {});
}

/**
 * On the network of one node, whatever taints that node has, and as little as it can be. It opens no port there. Only to ping it is root, with NET_RAW alone: the sysctl that lets others ping is not for pods on the host
 * network (https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/).
 */
function hostPod(input: ProbePodInput, node: string, rounds: Pick<Orders, "everyRound">): V1Pod {
  const pings = input.checks.some(({ tool }) => tool === "icmp");
  const orders = { ...rounds, environment: SILENT };
  return {
    ...bareObject(input, { labels: {}, annotations: {} }),
    spec: {
      ...bareSpec(input),
      hostNetwork: true,
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: pinnedTo(node),
      securityContext: pings
        ? { ...UNPRIVILEGED, runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 }
        : UNPRIVILEGED,
      containers: [runnerContainer(input, { ...orders, ...(pings && { capabilities: ["NET_RAW"] }) })],
    },
  };
}

/** By the scheduler, not around it: what keeps the pod from this node is then told in its conditions. */
function pinnedTo(node: string): V1Affinity {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}
