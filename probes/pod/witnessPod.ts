import type { V1Affinity, V1Pod } from "@kubernetes/client-node";
import type { PlannedPod } from "../../crds/proberun/proberun.ts";
import { basePod, basePodSpec, runnerContainer, UNPRIVILEGED, type ProbePodInput } from "./podBase.ts";

/** The role of a witness, as it was planned. */
type WitnessPlan = NonNullable<PlannedPod["witness"]>;

/**
 * How a witness ends. Beside probes it goes on until the operator or its own deadline ends it. Both send it SIGTERM, and it
 * writes its report. The kubelet waits for that, because a node may be busy. The runner is not the first process of its
 * namespace, so SIGTERM ends it at once as long as it has not installed its handler: then it has nothing to report.
 */
const endSettingsOf = ({ alone = false }: WitnessPlan) => ({
  untilEnded: !alone,
  grace: alone ? {} : { terminationGracePeriodSeconds: 15, shareProcessNamespace: true },
});

/**
 * Builds a witness of a link: on the pod network, on one node independent of its taints, and restricted. A witness
 * without checks listens; the others connect to listeners.
 */
export function linkWitnessPod(input: ProbePodInput, witness: WitnessPlan): V1Pod {
  const { untilEnded, grace } = endSettingsOf(witness);
  const environment = input.checks.length === 0 ? [] : NO_LISTENER;
  return {
    ...basePod(input, { labels: {}, annotations: {} }),
    spec: {
      ...basePodSpec(input),
      ...grace,
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: pinnedTo(witness.node),
      securityContext: UNPRIVILEGED,
      containers: [runnerContainer(input, { untilEnded, environment })],
    },
  };
}

/** The pod listens on no port. */
const NO_LISTENER = [{ name: "NETVERDICT_PORT", value: "0" }] as const;

/** Builds a witness on the host network of a node. */
export function witnessPod(input: ProbePodInput, witness: WitnessPlan): V1Pod {
  return hostPod(input, witness.node, endSettingsOf(witness));
}

/** Builds the probe pod of a node as a source: it runs the checks of its test, and ends when they have settled. */
export function nodePod(input: ProbePodInput, node: string): V1Pod {
  return hostPod(input, node, { untilEnded: false, grace: {} });
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
function hostPod(
  input: ProbePodInput,
  node: string,
  { untilEnded, grace }: ReturnType<typeof endSettingsOf>,
): V1Pod {
  const pings = input.checks.some(({ tool }) => tool === "icmp");
  const settings = { untilEnded, environment: NO_LISTENER };
  return {
    ...basePod(input, { labels: {}, annotations: {} }),
    spec: {
      ...basePodSpec(input),
      ...grace,
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
