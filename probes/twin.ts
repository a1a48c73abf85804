import type { Twin } from "../crds/proberun.ts";

/** What of a running pod makes up its identity for the network; the pod as the API server gives it has more. */
export interface SourcePod {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName: string;
    readonly serviceAccountName: string;
    readonly runtimeClassName?: string | undefined;
    readonly tolerations: readonly Readonly<Record<string, unknown>>[];
    readonly dnsPolicy?: string | undefined;
    readonly dnsConfig?: Readonly<Record<string, unknown>> | undefined;
    readonly hostAliases: readonly Readonly<Record<string, unknown>>[];
  };
}

/**
 * Labels that a controller gives to one pod or one revision: with them the twin would be counted as that pod, or be
 * adopted (https://kubernetes.io/docs/reference/labels-annotations-taints/).
 */
const CONTROLLER_LABELS = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "controller-uid",
  "job-name",
]);

const isControllerLabel = (label: string) =>
  CONTROLLER_LABELS.has(label) || label.startsWith("batch.kubernetes.io/");

/**
 * Annotations that decide on which network a pod is and from which pool its address comes. Never those that fix an
 * address (the source holds it) or hand out anything else.
 */
const NETWORK_ANNOTATIONS = new Set([
  "cni.projectcalico.org/ipv4pools", // https://docs.tigera.io/calico/latest/networking/ipam/legacy-firewalls
  "cni.projectcalico.org/ipv6pools",
  "k8s.v1.cni.cncf.io/networks", // Multus, https://github.com/k8snetworkplumbingwg/multus-cni
  "v1.multus-cni.io/default-network",
]);

/**
 * What a probe pod takes over from a running pod of the source. Image pull secrets are left out: admission adds those of
 * the service account (https://kubernetes.io/docs/concepts/security/service-accounts/).
 */
export function twinOf({ metadata, spec }: SourcePod): Twin {
  const { nodeName, serviceAccountName, runtimeClassName, tolerations, dnsPolicy, dnsConfig, hostAliases } =
    spec;
  return {
    labels: pick(metadata.labels, (label) => !isControllerLabel(label)),
    annotations: pick(metadata.annotations, (annotation) => NETWORK_ANNOTATIONS.has(annotation)),
    serviceAccountName,
    ...(nodeName !== "" && { nodeName }),
    imagePullSecrets: [],
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    tolerations: tolerations.map((toleration) => ({ ...toleration })),
    ...(dnsPolicy !== undefined && { dnsPolicy }),
    ...(dnsConfig !== undefined && { dnsConfig: { ...dnsConfig } }),
    hostAliases: hostAliases.map((alias) => ({ ...alias })),
  };
}

function pick(texts: Readonly<Record<string, string>>, isWanted: (key: string) => boolean) {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => isWanted(key)));
}
