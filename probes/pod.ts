import type {
  V1HostAlias,
  V1NodeAffinity,
  V1Pod,
  V1PodDNSConfig,
  V1PodSpec,
  V1Toleration,
} from "@kubernetes/client-node";
import { z } from "zod";
import type { Twin } from "../crds/proberun.ts";
import {
  bareObject,
  bareSpec,
  runnerContainer,
  UNPRIVILEGED,
  type Orders,
  type ProbePodInput,
} from "./barePod.ts";
import { CONTACT_PERIOD } from "./contact.ts";
import { nodePod, wireWitnessPod, witnessPod } from "./witnessPod.ts";

/** The runner listens here, accepts and closes: a contact from the pod's own node shows that the pod's network is up. */
export const RUNNER_PORT = 9_797;

/** The pod of a plan: the twin of a source workload, a node as a source, or the witness of a node. */
export function probePod(input: ProbePodInput): V1Pod {
  const { name, twin, node, witness } = input.planned;
  if (twin) return twinPod(input, twin);
  if (node !== undefined) return nodePod(input, node);
  if (witness?.podNetwork === true) return wireWitnessPod(input, witness.node);
  if (witness) return witnessPod(input, witness.node);
  throw new Error(`${name} is planned neither as a twin, nor as a node, nor as a witness`);
}

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
 * identity.
 */
function twinPod(input: ProbePodInput, twin: Twin): V1Pod {
  const { tolerations, hostAliases, dnsConfig } = copiedSchema.parse(twin);
  return {
    ...bareObject(input, twin),
    spec: {
      ...bareSpec(input),
      serviceAccountName: twin.serviceAccountName,
      imagePullSecrets: twin.imagePullSecrets.map((secret) => ({ name: secret })),
      tolerations,
      hostAliases,
      ...placement(twin.nodeName, input.planned.awayFrom),
      ...(twin.runtimeClassName !== undefined && { runtimeClassName: twin.runtimeClassName }),
      ...(twin.dnsPolicy !== undefined && { dnsPolicy: twin.dnsPolicy }),
      ...(dnsConfig !== undefined && { dnsConfig }),
      securityContext: {
        ...UNPRIVILEGED,
        // Lets ping open its socket without a capability; one of the safe sysctls.
        sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
      },
      containers: [runnerContainer(input, CONTACTED)],
    },
  };
}

/** The kubelet comes by, again and again. It says nothing of readiness: the gate stays shut. */
const CONTACTED: Orders = {
  environment: [
    { name: "NETVERDICT_NODE_ADDRESSES", valueFrom: { fieldRef: { fieldPath: "status.hostIPs" } } },
  ],
  readinessProbe: { tcpSocket: { port: RUNNER_PORT }, periodSeconds: CONTACT_PERIOD },
};

/** Where the pod is to run, and where it must not. A field selector takes one name at a time. */
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
