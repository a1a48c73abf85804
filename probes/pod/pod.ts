import type {
  V1HostAlias,
  V1NodeAffinity,
  V1Pod,
  V1PodDNSConfig,
  V1PodSpec,
  V1Toleration,
} from "@kubernetes/client-node";
import { z } from "zod";
import type { Twin } from "../../crds/proberun/proberun.ts";
import { CONTACT_PERIOD, RUNNER_PORT } from "../nodeContact.ts";
import {
  basePod,
  basePodSpec,
  runnerContainer,
  UNPRIVILEGED,
  type ProbePodInput,
  type RunnerSettings,
} from "./podBase.ts";
import { linkWitnessPod, nodePod, witnessPod } from "./witnessPod.ts";

/** Builds the pod of a plan: the twin of a source workload, a node as a source, or the witness of a node. */
export function probePod(input: ProbePodInput): V1Pod {
  const { name, twin, node, witness } = input.planned;
  if (twin) return twinPod(input, twin);
  if (node !== undefined) return nodePod(input, node);
  if (witness?.podNetwork === true) return linkWitnessPod(input, witness);
  if (witness) return witnessPod(input, witness);
  throw new Error(`${name} is planned neither as a twin, nor as a node, nor as a witness`);
}

/** These fields come from the source's pod, and the API server has validated them. */
const asInPod = <Part extends object>() =>
  z.custom<Part>((value) => typeof value === "object" && value !== null);
const copiedSchema = z.object({
  tolerations: z.array(asInPod<V1Toleration>()),
  hostAliases: z.array(asInPod<V1HostAlias>()),
  dnsConfig: asInPod<V1PodDNSConfig>().optional(),
});

/**
 * Builds the probe pod of a source workload. It is the source's twin for the network, and has as few other properties
 * as possible (restricted Pod Security, no token, no volumes). It has no additional label, because some network
 * plugins derive the pod's identity from all labels.
 */
function twinPod(input: ProbePodInput, twin: Twin): V1Pod {
  const { tolerations, hostAliases, dnsConfig } = copiedSchema.parse(twin);
  return {
    ...basePod(input, twin),
    spec: {
      ...basePodSpec(input),
      serviceAccountName: twin.serviceAccountName,
      imagePullSecrets: twin.imagePullSecrets.map((secret) => ({ name: secret })),
      tolerations,
      hostAliases,
      ...placement(twin.nodeName, input.planned.awayFrom),
      ...(input.assignedNode !== undefined && { nodeName: input.assignedNode }),
      ...(twin.runtimeClassName !== undefined && { runtimeClassName: twin.runtimeClassName }),
      ...(twin.dnsPolicy !== undefined && { dnsPolicy: twin.dnsPolicy }),
      ...(dnsConfig !== undefined && { dnsConfig }),
      securityContext: {
        ...UNPRIVILEGED,
        // Lets ping open its socket without a capability; this is one of the safe sysctls.
        sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
      },
      containers: [runnerContainer(input, WITH_NODE_CONTACT)],
    },
  };
}

/** The kubelet connects repeatedly. This does not make the pod Ready, because its readiness gate is never set. */
const WITH_NODE_CONTACT: RunnerSettings = {
  environment: [
    { name: "NETVERDICT_NODE_ADDRESSES", valueFrom: { fieldRef: { fieldPath: "status.hostIPs" } } },
  ],
  readinessProbe: { tcpSocket: { port: RUNNER_PORT }, periodSeconds: CONTACT_PERIOD },
};

/** The nodes that the pod prefers, and those that it must not run on. A field selector takes one name at a time. */
function placement(
  preferred: string | undefined,
  awayFrom: readonly string[] = [],
): Pick<V1PodSpec, "affinity"> {
  const node = (operator: "In" | "NotIn", name: string) => ({
    key: "metadata.name",
    operator,
    values: [name],
  });
  const nodeAffinity: V1NodeAffinity = {
    ...(preferred !== undefined && {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, preference: { matchFields: [node("In", preferred)] } },
      ],
    }),
    ...(awayFrom.length > 0 && {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: awayFrom.map((name) => node("NotIn", name)) }],
      },
    }),
  };
  return Object.keys(nodeAffinity).length === 0 ? {} : { affinity: { nodeAffinity } };
}
