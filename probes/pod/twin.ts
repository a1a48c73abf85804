import type { Twin } from "../../crds/proberun/proberun.ts";

/** The fields of a running pod that form its network identity; the pod on the API server has more fields. */
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
 * Labels that a controller gives to one pod or one revision: with them a controller would count the twin as that pod,
 * or adopt it (https://kubernetes.io/docs/reference/labels-annotations-taints/).
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
 * Annotations that select a pod's network and its address pool. Annotations that fix an address (the source has it)
 * or grant anything else are excluded.
 */
const NETWORK_ANNOTATIONS = new Set([
  "cni.projectcalico.org/ipv4pools", // https://docs.tigera.io/calico/latest/networking/ipam/legacy-firewalls
  "cni.projectcalico.org/ipv6pools",
  "k8s.v1.cni.cncf.io/networks", // Multus, https://github.com/k8snetworkplumbingwg/multus-cni
  "v1.multus-cni.io/default-network",
]);

/** Annotations that give a pod a fixed address. No probe pod takes them over, because its source has that address. */
const ADDRESS_ANNOTATIONS = new Set([
  "cni.projectcalico.org/ipAddrs", // https://docs.tigera.io/calico/latest/reference/configure-cni-plugins
  "cni.projectcalico.org/ipAddrsNoIpam",
  "cni.projectcalico.org/floatingIPs",
  "cni.projectcalico.org/hwAddr",
]);

/**
 * Reports whether the annotation selects a pod's networks or addresses. Network plugins write other annotations into every
 * pod, such as its address, and these are no part of its identity.
 */
export const isNetworkAnnotation = (annotation: string) =>
  NETWORK_ANNOTATIONS.has(annotation) || ADDRESS_ANNOTATIONS.has(annotation);

/**
 * Returns what a probe pod takes over from a running pod of the source. Image pull secrets are omitted: admission
 * adds those of the service account (https://kubernetes.io/docs/concepts/security/service-accounts/).
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
